package e2e_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	accountsv1 "github.com/signet-iam/signet/api/gen/signet/accounts/v1"
	auditv1 "github.com/signet-iam/signet/api/gen/signet/audit/v1"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	authenticationv1 "github.com/signet-iam/signet/api/gen/signet/authentication/v1"
	authorizationv2 "github.com/signet-iam/signet/api/gen/signet/authorization/v2"
	"github.com/signet-iam/signet/api/gen/signet/authorization/v2/authorizationv2connect"
	idpv1 "github.com/signet-iam/signet/api/gen/signet/idp/v1"
	inboxv1 "github.com/signet-iam/signet/api/gen/signet/inbox/v1"
	memberv1 "github.com/signet-iam/signet/api/gen/signet/member/v1"
	"github.com/signet-iam/signet/api/gen/signet/member/v1/memberv1connect"
	objectv2 "github.com/signet-iam/signet/api/gen/signet/object/v2"
	orgv2 "github.com/signet-iam/signet/api/gen/signet/org/v2"
	"github.com/signet-iam/signet/api/gen/signet/org/v2/orgv2connect"
	projectv2 "github.com/signet-iam/signet/api/gen/signet/project/v2"
	"github.com/signet-iam/signet/api/gen/signet/project/v2/projectv2connect"
	sessionv2 "github.com/signet-iam/signet/api/gen/signet/session/v2"
	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
	testv1 "github.com/signet-iam/signet/api/gen/signet/test/v1"
	tokensv1 "github.com/signet-iam/signet/api/gen/signet/tokens/v1"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
)

// The askers, in the order of the columns of the table.
const (
	itself   = iota // the user whom the request is about
	other           // of the same organization, without a role
	manager         // owner of the organization
	instance        // owner of the instance
	outsider        // of another organization, without a role
	nobody          // without a token
	askers
)

// scene is an organization with a project and people, and all who may ask for something there.
type scene struct {
	organization, elsewhere string // the second is the outsider's
	project                 string
	user                    string // whom requests are about
	authorization           string // of that user
	tokens                  [askers]string
}

func newScene(t *testing.T, n *server, label string) *scene {
	t.Helper()
	admin, http := n.admin(), httpClient(t, n.token(), false)
	organizations, projects := orgv2connect.NewOrganizationServiceClient(http, n.url()), projectv2connect.NewProjectServiceClient(http, n.url())
	members := memberv1connect.NewMemberServiceClient(http, n.url())
	add := func(name string) string {
		added, err := organizations.AddOrganization(t.Context(), &orgv2.AddOrganizationRequest{Name: name + " of " + label})
		return must(t, added.GetOrganizationId(), err)
	}
	s := &scene{organization: add("home"), elsewhere: add("elsewhere")}
	project, err := projects.CreateProject(t.Context(), &projectv2.CreateProjectRequest{OrganizationId: s.organization, Name: label})
	s.project = must(t, project.GetProjectId(), err)

	email := strings.ToLower(label) + "@example.com"
	person := verified(email)
	person.Organization = &objectv2.Organization{Org: &objectv2.Organization_OrgId{OrgId: s.organization}}
	person.PasswordType = &userv2.AddHumanUserRequest_Password{Password: &userv2.Password{Password: firstPassword}}
	s.user = admin.add(t, person)
	given, err := authorizationv2connect.NewAuthorizationServiceClient(http, n.url()).CreateAuthorization(t.Context(),
		&authorizationv2.CreateAuthorizationRequest{UserId: s.user, ProjectId: s.project, OrganizationId: s.organization})
	s.authorization = must(t, given.GetId(), err)
	s.tokens[itself] = n.mustLogin(email).GetAccessToken()
	_, s.tokens[other] = admin.robot(t, s.organization)
	_, s.tokens[outsider] = admin.robot(t, s.elsewhere)
	for asker, role := range map[int]*memberv1.SetMemberRequest{
		manager:  {Resource: &memberv1.Resource{Resource: &memberv1.Resource_OrganizationId{OrganizationId: s.organization}}, Roles: []string{"ORG_OWNER"}},
		instance: {Resource: &memberv1.Resource{Resource: &memberv1.Resource_Instance{Instance: true}}, Roles: []string{"IAM_OWNER"}},
	} {
		home := s.organization
		if asker == instance {
			home = admin.organization(t) // what happens to the scene's must not end it
		}
		role.UserId, s.tokens[asker] = admin.robot(t, home)
		_, err := members.SetMember(t.Context(), role)
		must(t, role, err)
	}
	return s
}

// robot adds a machine user to an organization and returns its id and a token.
func (c *client) robot(t *testing.T, organization string) (id, token string) {
	t.Helper()
	added, err := c.users.CreateUser(t.Context(), &userv2.CreateUserRequest{
		OrganizationId: organization,
		UserType:       &userv2.CreateUserRequest_Machine_{Machine: &userv2.CreateUserRequest_Machine{Name: "robot"}},
	})
	id = must(t, added.GetId(), err)
	issued, err := c.users.AddPersonalAccessToken(t.Context(), &userv2.AddPersonalAccessTokenRequest{
		UserId: id, ExpirationDate: timestamppb.New(time.Now().Add(time.Hour)),
	})
	return id, must(t, issued.GetToken(), err)
}

// request is a valid one about the scene.
func (s *scene) request(m method) proto.Message {
	request := valid(m, s.user)
	reflected := request.ProtoReflect()
	if context := m.Input().Fields().ByName("ctx"); context != nil {
		reflected.Set(context, protoreflect.ValueOfMessage((&objectv2.RequestContext{
			ResourceOwner: &objectv2.RequestContext_OrgId{OrgId: s.organization},
		}).ProtoReflect()))
	}
	if id := m.Input().Fields().ByName("id"); id != nil && m.Parent().Name() == "AuthorizationService" {
		reflected.Set(id, protoreflect.ValueOfString(s.authorization))
	}
	s.place(reflected)
	return request
}

// place names the scene's own wherever a message names something.
func (s *scene) place(message protoreflect.Message) {
	fields := message.Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		if field.Kind() == protoreflect.MessageKind && !field.IsList() && !field.IsMap() && message.Has(field) {
			s.place(message.Mutable(field).Message())
			continue
		}
		if choice := field.ContainingOneof(); field.Kind() != protoreflect.StringKind || field.IsList() || choice != nil && !message.Has(field) {
			continue
		}
		switch field.Name() {
		case "organization_id", "org_id":
			message.Set(field, protoreflect.ValueOfString(s.organization))
		case "granted_organization_id":
			message.Set(field, protoreflect.ValueOfString(s.elsewhere))
		case "project_id":
			message.Set(field, protoreflect.ValueOfString(s.project))
		case "user_id":
			message.Set(field, protoreflect.ValueOfString(s.user))
		}
	}
}

// everyService are all services there are.
func everyService() (all []protoreflect.ServiceDescriptor) {
	for _, file := range []protoreflect.FileDescriptor{
		accountsv1.File_signet_accounts_v1_accounts_service_proto,
		auditv1.File_signet_audit_v1_audit_service_proto,
		authv1.File_signet_auth_v1_auth_service_proto,
		authenticationv1.File_signet_authentication_v1_authentication_service_proto,
		authorizationv2.File_signet_authorization_v2_authorization_service_proto,
		idpv1.File_signet_idp_v1_provider_service_proto,
		inboxv1.File_signet_inbox_v1_inbox_service_proto,
		memberv1.File_signet_member_v1_member_service_proto,
		orgv2.File_signet_org_v2_organization_service_proto,
		projectv2.File_signet_project_v2_project_service_proto,
		sessionv2.File_signet_session_v2_session_service_proto,
		settingsv2.File_signet_settings_v2_settings_service_proto,
		testv1.File_signet_test_v1_test_service_proto,
		tokensv1.File_signet_tokens_v1_tokens_service_proto,
		userv2.File_signet_user_v2_user_service_proto,
	} {
		for i := range file.Services().Len() {
			all = append(all, file.Services().Get(i))
		}
	}
	return all
}

// TestPermissions asks every RPC of every service as everybody. Who may not is told so before anything else; who may gets any
// answer but that.
func TestPermissions(t *testing.T) {
	t.Parallel()
	n := start(t, settings{})
	table := permissions()
	for _, service := range everyService() {
		t.Run(string(service.FullName()), func(t *testing.T) {
			t.Parallel()
			rows := table[string(service.FullName())]
			s := newScene(t, n, string(service.FullName()))
			for i := range service.Methods().Len() {
				m := service.Methods().Get(i)
				if m.IsStreamingServer() {
					continue // TestPersonalAccessTokens asks it
				}
				row := rows[string(m.Name())]
				if len(row) != askers {
					t.Errorf("%s is not in the table", m.Name())
					continue
				}
				s.askAll(t, n, m, row)
				if spent(m) {
					s = newScene(t, n, string(service.FullName())+"."+string(m.Name()))
				}
			}
			if len(rows) != service.Methods().Len() {
				t.Errorf("%d rows about %d RPCs", len(rows), service.Methods().Len())
			}
		})
	}
}

// askAll sends one request in everybody's name, the most powerful last.
func (s *scene) askAll(t *testing.T, n *server, m method, row string) {
	t.Helper()
	for _, asker := range []int{nobody, outsider, other, itself, manager, instance} {
		ctx := t.Context()
		if s.tokens[asker] != "" {
			ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+s.tokens[asker])
		}
		got, err := invoke(ctx, n.dial(), m, s.request(m))
		if err != nil {
			t.Fatal(err)
		}
		if !fits(row[asker], got.code) {
			t.Errorf("%s, column %d of %q: %v: %s", m.Name(), asker, row, got.code, got.text)
		}
	}
}

// spent reports whether a request may have ended the user, the organization or the tokens of a scene.
func spent(m method) bool {
	ends := []string{"Delete", "Deactivate", "Lock", "RemoveMyUser", "Password", "Logout", "RevokeAll", "RemoveMember"}
	return slices.ContainsFunc(ends, func(part string) bool { return strings.Contains(string(m.Name()), part) })
}

// fits reports whether a code is what a cell of the table stands for: "+" may, "-" may not, "x" has to say who it is, "." whatever.
func fits(cell byte, code connect.Code) bool {
	switch cell {
	case '+':
		refusals := []connect.Code{connect.CodePermissionDenied, connect.CodeUnauthenticated, connect.CodeUnimplemented, connect.CodeInternal}
		return !slices.Contains(refusals, code)
	case '-':
		return code == connect.CodePermissionDenied
	case 'x':
		return code == connect.CodeUnauthenticated
	default:
		return cell == '.'
	}
}
