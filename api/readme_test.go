package api_test

import (
	"os"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	auditv1 "github.com/signet-iam/signet/api/gen/signet/audit/v1"
	idpv1 "github.com/signet-iam/signet/api/gen/signet/idp/v1"
	inboxv1 "github.com/signet-iam/signet/api/gen/signet/inbox/v1"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
)

// The README names every RPC of every service, and no others.
func TestReadmeHasEveryRPC(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []protoreflect.FileDescriptor{
		userv2.File_signet_user_v2_user_service_proto,
		auditv1.File_signet_audit_v1_audit_service_proto,
		idpv1.File_signet_idp_v1_provider_service_proto,
		inboxv1.File_signet_inbox_v1_inbox_service_proto,
	} {
		service := file.Services().Get(0)
		_, section, found := strings.Cut(string(text), "\n## "+string(service.FullName())+"\n")
		if !found {
			t.Errorf("no section about %s", service.FullName())
			continue
		}
		section, _, _ = strings.Cut(section, "\n## ")
		methods := service.Methods()
		for i := range methods.Len() {
			if name := string(methods.Get(i).Name()); !strings.Contains(section, "\n| "+name+" | `") {
				t.Errorf("%s: no row about %s", service.FullName(), name)
			}
		}
		if rows := strings.Count(section, " | `"); rows != methods.Len() {
			t.Errorf("%s: %d rows about %d RPCs", service.FullName(), rows, methods.Len())
		}
	}
}
