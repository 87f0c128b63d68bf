package apply

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	idpv1 "github.com/signet-iam/signet/api/gen/signet/idp/v1"
	projectv2 "github.com/signet-iam/signet/api/gen/signet/project/v2"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
)

// TestEveryFieldHasAText: a field without a text could be in no file, and no difference in it would be seen.
func TestEveryFieldHasAText(t *testing.T) {
	t.Parallel()
	messages := []protoreflect.Message{
		new(idpv1.ProviderSettings).ProtoReflect(), new(idpv1.ProviderCredentials).ProtoReflect(), new(projectv2.UpdateProjectRequest).ProtoReflect(),
		new(projectv2.UpdateProjectRoleRequest).ProtoReflect(), new(userv2.UpdateUserRequest_Machine).ProtoReflect(),
	}
	for _, kind := range policyKinds() {
		messages = append(messages, settingsOf(kind.request.New()).New())
	}
	for _, m := range messages {
		if m.Descriptor().Fields().ByName("ctx") != nil {
			t.Errorf("%s is a request, not settings", m.Descriptor().FullName())
		}
		leaves(t, m.Descriptor(), "", func(path string, fd protoreflect.FieldDescriptor) {
			fields := make(Fields)
			fieldsOf(m, "", fields)
			text, ok := fields[path]
			if !ok {
				t.Errorf("%s: %s has no text", m.Descriptor().FullName(), path)
				return
			}
			if err := setField(m.New(), path, text); err != nil {
				t.Errorf("%s: %s = %q: %v", m.Descriptor().FullName(), path, text, err)
			}
		})
	}
}

func leaves(t *testing.T, d protoreflect.MessageDescriptor, prefix string, visit func(string, protoreflect.FieldDescriptor)) {
	t.Helper()
	for i := range d.Fields().Len() {
		if fd := d.Fields().Get(i); nested(fd) {
			leaves(t, fd.Message(), prefix+string(fd.Name())+".", visit)
		} else {
			visit(prefix+string(fd.Name()), fd)
		}
	}
}

func TestFieldsComeBackFromTheirTexts(t *testing.T) {
	t.Parallel()
	for _, want := range []*idpv1.ProviderSettings{
		{Name: "x", Preset: idpv1.Preset_PRESET_GITHUB, LinkingAllowed: true, Kind: &idpv1.ProviderSettings_Oauth2{Oauth2: &idpv1.OAuth2Settings{
			ClientId: "a", Scopes: []string{"b", "a"}, ClientAuthentication: idpv1.ClientAuthentication_CLIENT_AUTHENTICATION_POST,
		}}},
		{Name: "y", Kind: &idpv1.ProviderSettings_Saml{Saml: &idpv1.SAMLSettings{
			Source: &idpv1.SAMLSettings_MetadataUrl{MetadataUrl: "https://example.com"}, Binding: idpv1.SAMLBinding_SAML_BINDING_POST,
		}}},
		{Name: "z", Kind: &idpv1.ProviderSettings_Ldap{Ldap: &idpv1.LDAPSettings{
			Servers: []string{"ldaps://b", "ldaps://a"}, BaseDn: "dc=example", TimeoutSeconds: 3, RootCertificates: []byte("PEM"),
		}}, Mapping: &idpv1.AttributeMapping{Email: "mail"}},
	} {
		texts := make(Fields)
		fieldsOf(want.ProtoReflect(), "", texts)
		kind := want.ProtoReflect().WhichOneof(want.ProtoReflect().Descriptor().Oneofs().ByName("kind"))
		got := new(idpv1.ProviderSettings)
		for path, text := range texts {
			alternative := strings.Contains(path, ".") && !strings.HasPrefix(path, string(kind.Name())) && !strings.HasPrefix(path, "mapping.")
			if alternative || strings.HasPrefix(path, "mapping.") && text == "" {
				continue
			}
			if err := setField(got.ProtoReflect(), path, text); err != nil {
				t.Fatal(err)
			}
		}
		if !proto.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}
