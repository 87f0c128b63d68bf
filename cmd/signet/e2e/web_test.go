package e2e_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	inboxv1 "github.com/signet-iam/signet/api/gen/signet/inbox/v1"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
)

// The transports that browsers use, from npm, tell the story in Node.
func testWebClientsInNode(t *testing.T, n *server) {
	if err := prepareWeb(); err != nil {
		if os.Getenv("SIGNET_E2E_NODE") == "required" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	descriptors := filepath.Join(t.TempDir(), "descriptors.binpb")
	if err := writeDescriptors(descriptors, userv2.File_signet_user_v2_user_service_proto, inboxv1.File_signet_inbox_v1_inbox_service_proto); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(within(t, patience), "node", "story.js", n.url(), filepath.Join(n.dir, "admin.pat"), descriptors, "node@example.com")
	cmd.Dir = "web"
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, out)
	}
	for _, transport := range []string{"grpc-web", "grpc-web-json", "connect", "connect-json"} {
		if !strings.Contains(string(out), `{"transport":"`+transport+`","userId":"`) {
			t.Errorf("%s did not tell its story:\n%s", transport, out)
		}
	}
}

// prepareWeb installs the packages that web/package.json names, unless they are there.
func prepareWeb() error {
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			return err
		}
	}
	if _, err := os.Stat(filepath.Join("web", "node_modules", "@connectrpc", "connect-web", "package.json")); err == nil {
		return nil
	}
	install := exec.Command("npm", "install", "--no-audit", "--no-fund", "--no-save", "--ignore-scripts", "--fetch-retries=0")
	install.Dir = "web"
	if out, err := install.CombinedOutput(); err != nil {
		return errors.New("npm install: " + err.Error() + "\n" + string(out))
	}
	return nil
}

// writeDescriptors writes files and everything they import, in the order of their needs.
func writeDescriptors(path string, files ...protoreflect.FileDescriptor) error {
	var set descriptorpb.FileDescriptorSet
	seen := make(map[string]bool)
	var add func(protoreflect.FileDescriptor)
	add = func(file protoreflect.FileDescriptor) {
		if seen[file.Path()] {
			return
		}
		seen[file.Path()] = true
		for i := range file.Imports().Len() {
			add(file.Imports().Get(i).FileDescriptor)
		}
		set.File = append(set.File, protodesc.ToFileDescriptorProto(file))
	}
	for _, file := range files {
		add(file)
	}
	encoded, err := proto.Marshal(&set)
	if err != nil {
		return err
	}
	return os.WriteFile(path, encoded, 0o600)
}
