package api_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	accountsv1 "github.com/signet-iam/signet/api/gen/signet/accounts/v1"
	auditv1 "github.com/signet-iam/signet/api/gen/signet/audit/v1"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	authenticationv1 "github.com/signet-iam/signet/api/gen/signet/authentication/v1"
	authorizationv2 "github.com/signet-iam/signet/api/gen/signet/authorization/v2"
	idpv1 "github.com/signet-iam/signet/api/gen/signet/idp/v1"
	inboxv1 "github.com/signet-iam/signet/api/gen/signet/inbox/v1"
	memberv1 "github.com/signet-iam/signet/api/gen/signet/member/v1"
	orgv2 "github.com/signet-iam/signet/api/gen/signet/org/v2"
	projectv2 "github.com/signet-iam/signet/api/gen/signet/project/v2"
	sessionv2 "github.com/signet-iam/signet/api/gen/signet/session/v2"
	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
	testv1 "github.com/signet-iam/signet/api/gen/signet/test/v1"
	tokensv1 "github.com/signet-iam/signet/api/gen/signet/tokens/v1"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
)

// The README names every RPC of every service, with its permission and the version that brought it, and no others. What it calls open
// is what TestDoors finds open.
func TestReadmeHasEveryRPC(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile(`(?m)^\| ([A-Z][A-Za-z0-9]+) \|(?: \x60[A-Z]+ /[^ ]+\x60 \|)? ([^|]+) \| \d+\.\d+ \| [^|]*\|$`)
	for _, service := range services() {
		_, section, found := strings.Cut(string(text), "\n## "+string(service.FullName())+"\n")
		if !found {
			t.Errorf("no section about %s", service.FullName())
			continue
		}
		section, _, _ = strings.Cut(section, "\n## ")
		permissions := make(map[string]string)
		for _, columns := range row.FindAllStringSubmatch(section, -1) {
			permissions[columns[1]] = columns[2]
		}
		for i := range service.Methods().Len() {
			name := string(service.Methods().Get(i).Name())
			permission, found := permissions[name]
			if !found {
				t.Errorf("%s: no row about %s", service.FullName(), name)
			}
			said := permission == "open" || strings.HasPrefix(permission, "open ")
			if is := slices.Contains(openToStrangers(), string(service.Name())+"/"+name); said != is {
				t.Errorf("%s/%s: open is %v, the README says %q", service.FullName(), name, is, permission)
			}
		}
		if rows := strings.Count(section, "\n| ") - 1; rows != service.Methods().Len() || len(permissions) != rows { // but for the heading
			t.Errorf("%s: %d rows about %d RPCs", service.FullName(), rows, service.Methods().Len())
		}
	}
}

// services are all there are.
func services() []protoreflect.ServiceDescriptor {
	var all []protoreflect.ServiceDescriptor
	for _, file := range []protoreflect.FileDescriptor{
		userv2.File_signet_user_v2_user_service_proto,
		sessionv2.File_signet_session_v2_session_service_proto,
		projectv2.File_signet_project_v2_project_service_proto,
		authv1.File_signet_auth_v1_auth_service_proto,
		orgv2.File_signet_org_v2_organization_service_proto,
		authorizationv2.File_signet_authorization_v2_authorization_service_proto,
		memberv1.File_signet_member_v1_member_service_proto,
		settingsv2.File_signet_settings_v2_settings_service_proto,
		authenticationv1.File_signet_authentication_v1_authentication_service_proto,
		accountsv1.File_signet_accounts_v1_accounts_service_proto,
		tokensv1.File_signet_tokens_v1_tokens_service_proto,
		testv1.File_signet_test_v1_test_service_proto,
		auditv1.File_signet_audit_v1_audit_service_proto,
		idpv1.File_signet_idp_v1_provider_service_proto,
		inboxv1.File_signet_inbox_v1_inbox_service_proto,
	} {
		for i := range file.Services().Len() {
			all = append(all, file.Services().Get(i))
		}
	}
	return all
}
