package e2e_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/descope/virtualwebauthn"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/structpb"

	idpv1 "github.com/signet-iam/signet/api/gen/signet/idp/v1"
	inboxv1 "github.com/signet-iam/signet/api/gen/signet/inbox/v1"
	memberv1 "github.com/signet-iam/signet/api/gen/signet/member/v1"
	orgv2 "github.com/signet-iam/signet/api/gen/signet/org/v2"
	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
)

// target is a server on which everything may be tried.
type target struct {
	*server
	doors []door
	admin []string // Authorization
}

// TestBadInput brings everything that is out of its limits to every RPC, through every door. The answer is the documented
// code with a clear text; the harness sees to it that the log holds no fault.
func TestBadInput(t *testing.T) {
	t.Parallel()
	n := start(t, settings{})
	on := &target{server: n, doors: n.doors(t), admin: []string{"Bearer " + n.token()}}
	for name, test := range map[string]func(*testing.T, *target){
		"rules":           testBrokenRules,
		"limits":          testValuesAtTheLimit,
		"hostile texts":   testHostileTexts,
		"extreme numbers": testExtremeNumbers,
		"JSON types":      testWrongJSONTypes,
		"malformed":       testMalformedBodies,
		"too large":       testLargeBodies,
		"unknown users":   testUnknownUsers,
		"deleted users":   testDeletedUsers,
		"tokens":          testTokens,
		"nesting":         testNesting,
		"HTTP":            testHTTP,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, on)
		})
	}
}

// served are the RPCs of all services.
func served() (methods []method) {
	for _, service := range everyService() {
		for i := range service.Methods().Len() {
			if m := service.Methods().Get(i); !m.IsStreamingServer() {
				methods = append(methods, m)
			}
		}
	}
	return methods
}

// open reports whether an RPC asks nobody for a token.
func open(m method) bool {
	row := permissions()[string(m.Parent().FullName())][string(m.Name())]
	return !strings.HasSuffix(row, "x")
}

// doorsOf are the doors through which an RPC can be reached: not all have a REST route.
func (on *target) doorsOf(m method) []door {
	if proto.HasExtension(m.Options(), annotations.E_Http) {
		return on.doors
	}
	return slices.DeleteFunc(slices.Clone(on.doors), func(d door) bool { return d.name == "REST" })
}

// aboutUser reports whether a request is about a user, who must exist.
func aboutUser(m method) bool {
	return m.Parent().FullName() == "signet.user.v2.UserService" && m.Input().Fields().ByName("user_id") != nil && m.Name() != "AddHumanUser" && m.Name() != "CreateUser"
}

// valid is a request that breaks no rule, for a user if it is about one.
func valid(m method, user string) proto.Message {
	var request proto.Message = dynamicpb.NewMessage(m.Input())
	if kind, err := protoregistry.GlobalTypes.FindMessageByName(m.Input().FullName()); err == nil {
		request = kind.New().Interface()
	}
	fill(request.ProtoReflect())
	if aboutUser(m) {
		request.ProtoReflect().Set(m.Input().Fields().ByName("user_id"), protoreflect.ValueOfString(user))
	}
	switch r := request.(type) { // what is right in more than its limits
	case *userv2.SetPhoneRequest:
		r.Phone = "+41791234567"
	case *userv2.SetPasswordRequest:
		r.NewPassword = &userv2.Password{Password: "Correct-Horse-7"}
	case *userv2.VerifyPasskeyRegistrationRequest:
		r.PublicKeyCredential = strayCredential()
	case *userv2.VerifyU2FRegistrationRequest:
		r.PublicKeyCredential = strayCredential()
	case *userv2.StartIdentityProviderIntentRequest:
		r.Content = &userv2.StartIdentityProviderIntentRequest_Urls{Urls: &userv2.RedirectURLs{
			SuccessUrl: "http://localhost/success", FailureUrl: "http://localhost/failure",
		}}
	case *userv2.AddIDPLinkRequest:
		r.IdpLink = &userv2.IDPLink{IdpId: "nowhere", UserId: "4711", UserName: "someone"}
	case *userv2.SetUserMetadataRequest:
		r.Metadata = []*userv2.SetMetadataEntry{{Key: "key", Value: []byte("value")}}
	case *userv2.DeleteUserMetadataRequest:
		r.Keys = []string{"missing"}
	case *idpv1.AddProviderRequest:
		r.Settings.GetOidc().Issuer = "https://id.example.com"
	case *idpv1.UpdateProviderRequest:
		r.Settings.GetOidc().Issuer = "https://id.example.com"
	case *memberv1.SetMemberRequest:
		r.Roles = []string{"ORG_OWNER_VIEWER"}
	case *orgv2.GenerateOrganizationDomainValidationRequest:
		r.Type = orgv2.DomainValidationType_DOMAIN_VALIDATION_TYPE_DNS
	case *settingsv2.GetHostedLoginTranslationRequest:
		r.Locale, r.Level = "en", &settingsv2.GetHostedLoginTranslationRequest_OrganizationId{OrganizationId: "default"}
	case *settingsv2.SetHostedLoginTranslationRequest:
		r.Locale, r.Level = "en", &settingsv2.SetHostedLoginTranslationRequest_OrganizationId{OrganizationId: "default"}
	case *settingsv2.SetLoginSettingsRequest:
		r.Settings.AllowUsernamePassword = true
	case *settingsv2.SetPasswordComplexitySettingsRequest:
		r.Settings.MinLength = 8
	case *settingsv2.SetGeneralSettingsRequest:
		r.DefaultLanguage = "en"
	case *settingsv2.ResetSettingsRequest:
		r.Kind = settingsv2.SettingsKind_SETTINGS_KIND_LOCKOUT
	case *inboxv1.WaitMessageRequest:
		r.Timeout = durationpb.New(time.Millisecond)
	}
	return request
}

// each sends one request through every door.
func (on *target) each(t *testing.T, what string, m method, request proto.Message, check func(what string, got answer, err error)) {
	t.Helper()
	for _, d := range on.doorsOf(m) {
		got, err := d.send(t.Context(), m, request, on.admin)
		check(fmt.Sprintf("%s over %s: %s", m.Name(), d.name, what), got, err)
	}
}

func testBrokenRules(t *testing.T, on *target) {
	count := 0
	for _, m := range served() {
		for _, v := range violations(t, valid(m, "admin")) {
			count++
			for _, d := range on.doorsOf(m) {
				if d.name == "REST" && emptyInURL(m, v) {
					continue
				}
				got, err := d.send(t.Context(), m, v.request, on.admin)
				what := fmt.Sprintf("%s over %s: %s", m.Name(), d.name, v)
				wantAnswer(t, what, got, err, connect.CodeInvalidArgument)
				if name := v.at[len(v.at)-1]; v.rule != "oneof required" && !strings.Contains(got.text, string(name.Name())) {
					t.Errorf("%s: %q does not name the field", what, got.text)
				}
			}
		}
	}
	t.Logf("%d broken rules", count)
	if count < 100 {
		t.Error("so few: has the definition lost its rules?")
	}
}

// emptyInURL reports whether a violation is an empty text that goes into a URL: there it is another path, or nothing.
func emptyInURL(m method, v violation) bool {
	if v.rule != "string.min_len" {
		return false
	}
	_, _, body, err := route(m, v.request)
	return err == nil && (len(body) == 0 || len(v.at) == 1 && inPath(m, v.at[0]))
}

// inPath reports whether a field of a request is a variable in the path of its REST route.
func inPath(m method, field protoreflect.FieldDescriptor) bool {
	rule, _ := proto.GetExtension(m.Options(), annotations.E_Http).(*annotations.HttpRule)
	_, template := verbAndPath(rule)
	return strings.Contains(template, "{"+string(field.Name())+"}")
}

// overREST is a valid request as REST has it; without a body where there is no route.
func overREST(t testing.TB, m method) (verb, target string, body []byte) {
	t.Helper()
	if !proto.HasExtension(m.Options(), annotations.E_Http) {
		return "", "", nil
	}
	verb, target, body, err := route(m, valid(m, "admin"))
	if err != nil {
		t.Fatal(err)
	}
	return verb, target, body
}

// A value at its limit breaks no rule, whatever else may be said of it.
func testValuesAtTheLimit(t *testing.T, on *target) {
	for _, m := range served() {
		walk(m.Input(), nil, func(at path, field protoreflect.FieldDescriptor) {
			limit := rules(field)["string.max_len"]
			if !limit.IsValid() || rules(field)["string.email"].IsValid() {
				return
			}
			request := valid(m, "admin")
			at.reach(request.ProtoReflect()).Set(field, protoreflect.ValueOfString(strings.Repeat("ü", int(limit.Uint()))))
			on.each(t, at.with(field).String()+" at its limit", m, request, func(what string, got answer, err error) {
				wantAnswer(t, what, got, err, anyRefusal(m)...)
				if strings.Contains(got.text, "at most") && strings.Contains(got.text, "characters") && strings.Contains(got.text, string(field.Name())) {
					t.Errorf("%s: it is within the limit: %s", what, got.text)
				}
			})
		})
	}
}

// anyRefusal are the codes that what a caller sends may have: everything but faults. The caller is known, so that only who signs in
// by what is sent can fail to.
func anyRefusal(m method) []connect.Code {
	codes := []connect.Code{
		0, connect.CodeInvalidArgument, connect.CodeNotFound, connect.CodeAlreadyExists, connect.CodeFailedPrecondition,
		connect.CodeResourceExhausted, connect.CodeDeadlineExceeded, connect.CodePermissionDenied, connect.CodeUnimplemented,
	}
	if open(m) {
		codes = append(codes, connect.CodeUnauthenticated)
	}
	return codes
}

// strayCredential answers a registration that nobody began.
func strayCredential() *structpb.Struct {
	device := virtualwebauthn.NewAuthenticator()
	party := virtualwebauthn.RelyingParty{ID: "localhost", Name: "Signet", Origin: "http://localhost"}
	answer := virtualwebauthn.CreateAttestationResponse(party, device, virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2),
		virtualwebauthn.AttestationOptions{Challenge: []byte("a challenge of somebody else's"), RelyingPartyID: party.ID})
	credential := new(structpb.Struct)
	if err := protojson.Unmarshal([]byte(answer), credential); err != nil {
		panic(err)
	}
	return credential
}
