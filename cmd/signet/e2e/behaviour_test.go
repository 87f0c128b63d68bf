package e2e_test

import (
	"fmt"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
)

// Codes as the table below has them.
const (
	ok connect.Code = 0
	ia              = connect.CodeInvalidArgument
	fp              = connect.CodeFailedPrecondition
	nf              = connect.CodeNotFound
	ae              = connect.CodeAlreadyExists
	pd              = connect.CodePermissionDenied
)

// behaviour is what an RPC answers about one user. A stranger, who has no permission and is somebody else, gets the same code
// in the same words whatever became of the user; the other columns are the administrator's.
type behaviour struct {
	stranger                                            connect.Code
	unknown, deleted, machine, inactive, locked, active connect.Code
}

// behaviours are those of every RPC of the user service that is about one user. People have a verified address, no phone, no
// password and no factor, and no code is on its way to them.
func behaviours() map[string]behaviour {
	return map[string]behaviour{
		//                                 stranger unknown deleted machine inactive locked active
		"GetUserByID":                   {pd, nf, nf, ok, ok, ok, ok},
		"UpdateHumanUser":               {pd, nf, nf, nf, ok, ok, ok},
		"DeactivateUser":                {pd, nf, nf, ok, fp, ok, ok},
		"ReactivateUser":                {pd, nf, nf, fp, ok, fp, fp},
		"LockUser":                      {pd, nf, nf, ok, fp, fp, ok},
		"UnlockUser":                    {pd, nf, nf, fp, fp, ok, fp},
		"DeleteUser":                    {pd, nf, nf, ok, ok, ok, ok},
		"SetEmail":                      {pd, nf, nf, nf, ok, ok, ok},
		"SendEmailCode":                 {pd, nf, nf, nf, ok, ok, ok},
		"ResendEmailCode":               {pd, nf, nf, nf, fp, fp, fp},
		"VerifyEmail":                   {ia, nf, nf, nf, ia, ia, ia},
		"SetPhone":                      {pd, nf, nf, nf, ok, ok, ok},
		"ResendPhoneCode":               {pd, nf, nf, nf, fp, fp, fp},
		"VerifyPhone":                   {ia, nf, nf, nf, ia, ia, ia},
		"RemovePhone":                   {pd, nf, nf, nf, fp, fp, fp},
		"PasswordReset":                 {pd, nf, nf, nf, ok, ok, ok},
		"SetPassword":                   {pd, fp, fp, fp, ok, ok, ok},
		"RegisterPasskey":               {pd, nf, nf, nf, ok, ok, ok},
		"VerifyPasskeyRegistration":     {ia, nf, nf, nf, nf, nf, nf},
		"CreatePasskeyRegistrationLink": {pd, nf, nf, nf, ok, ok, ok},
		"ListPasskeys":                  {pd, ok, ok, ok, ok, ok, ok},
		"RemovePasskey":                 {pd, nf, nf, nf, nf, nf, nf},
		"ListAuthenticationMethodTypes": {pd, ok, ok, ok, ok, ok, ok},
		"ListAuthenticationFactors":     {pd, ok, ok, ok, ok, ok, ok},
		"HumanMFAInitSkipped":           {pd, nf, nf, nf, ok, ok, ok},
		"RegisterU2F":                   {pd, nf, nf, nf, ok, ok, ok},
		"VerifyU2FRegistration":         {pd, nf, nf, nf, nf, nf, nf},
		"RemoveU2F":                     {pd, nf, nf, nf, nf, nf, nf},
		"RegisterTOTP":                  {pd, fp, fp, fp, ok, ok, ok},
		"VerifyTOTPRegistration":        {pd, nf, nf, nf, nf, nf, nf},
		"RemoveTOTP":                    {pd, nf, nf, nf, nf, nf, nf},
		"AddOTPSMS":                     {pd, nf, nf, nf, fp, fp, fp},
		"RemoveOTPSMS":                  {pd, nf, nf, nf, nf, nf, nf},
		"AddOTPEmail":                   {pd, nf, nf, nf, ok, ok, ok},
		"RemoveOTPEmail":                {pd, nf, nf, nf, nf, nf, nf},
		"AddIDPLink":                    {pd, fp, fp, fp, fp, fp, fp},
		"ListIDPLinks":                  {pd, ok, ok, ok, ok, ok, ok},
		"RemoveIDPLink":                 {pd, nf, nf, nf, nf, nf, nf},
		"CreateInviteCode":              {pd, fp, fp, fp, ok, ok, ok},
		"ResendInviteCode":              {pd, fp, fp, fp, fp, fp, fp},
		"VerifyInviteCode":              {ia, fp, fp, fp, ia, ia, ia},
		"UpdateUser":                    {pd, nf, nf, nf, ok, ok, ok},
		"AddSecret":                     {pd, fp, fp, ok, fp, fp, fp},
		"RemoveSecret":                  {pd, fp, fp, fp, fp, fp, fp},
		"AddKey":                        {pd, fp, fp, ok, fp, fp, fp},
		"RemoveKey":                     {pd, nf, nf, nf, nf, nf, nf},
		"AddPersonalAccessToken":        {pd, nf, nf, ok, fp, fp, fp},
		"RemovePersonalAccessToken":     {pd, nf, nf, nf, nf, nf, nf},
		"SetUserMetadata":               {pd, fp, fp, ok, ok, ok, ok},
		"ListUserMetadata":              {pd, ok, ok, ok, ok, ok, ok},
		"DeleteUserMetadata":            {pd, nf, nf, nf, nf, nf, nf},
		"GenerateRecoveryCodes":         {pd, fp, fp, fp, ok, ok, ok},
		"RemoveRecoveryCodes":           {pd, nf, nf, nf, nf, nf, nf},
	}
}

// histories leave behind a user in some state, under an id that is returned.
func histories() []struct {
	name  string
	made  func(t *testing.T, c *client, name string) string
	given func(behaviour) connect.Code
} {
	return []struct {
		name  string
		made  func(t *testing.T, c *client, name string) string
		given func(behaviour) connect.Code
	}{
		{"unknown", func(*testing.T, *client, string) string { return "nobody" }, func(b behaviour) connect.Code { return b.unknown }},
		{"deleted", func(t *testing.T, c *client, name string) string {
			id := c.add(t, verified(name))
			_, err := c.users.DeleteUser(t.Context(), &userv2.DeleteUserRequest{UserId: id})
			return must(t, id, err)
		}, func(b behaviour) connect.Code { return b.deleted }},
		{"machine", func(t *testing.T, c *client, name string) string { return c.addMachine(t, name) }, func(b behaviour) connect.Code { return b.machine }},
		{"inactive", func(t *testing.T, c *client, name string) string {
			id := c.add(t, verified(name))
			_, err := c.users.DeactivateUser(t.Context(), &userv2.DeactivateUserRequest{UserId: id})
			return must(t, id, err)
		}, func(b behaviour) connect.Code { return b.inactive }},
		{"locked", func(t *testing.T, c *client, name string) string {
			id := c.add(t, verified(name))
			_, err := c.users.LockUser(t.Context(), &userv2.LockUserRequest{UserId: id})
			return must(t, id, err)
		}, func(b behaviour) connect.Code { return b.locked }},
		{"active", func(t *testing.T, c *client, name string) string { return c.add(t, verified(name)) }, func(b behaviour) connect.Code { return b.active }},
	}
}

func must[T any](t *testing.T, value T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// addMachine adds a machine user.
func (c *client) addMachine(t *testing.T, name string) string {
	t.Helper()
	added, err := c.users.CreateUser(t.Context(), &userv2.CreateUserRequest{
		OrganizationId: c.organization(t),
		UserType:       &userv2.CreateUserRequest_Machine_{Machine: &userv2.CreateUserRequest_Machine{Name: name}},
	})
	return must(t, added.GetId(), err)
}

// organization is the one that people are added to by default.
func (c *client) organization(t *testing.T) string {
	t.Helper()
	found, err := c.users.GetUserByID(t.Context(), &userv2.GetUserByIDRequest{UserId: "admin"})
	return must(t, found.GetUser().GetDetails().GetResourceOwner(), err)
}

// stranger returns the token of a machine user without any permission.
func (c *client) stranger(t *testing.T) string {
	t.Helper()
	issued, err := c.users.AddPersonalAccessToken(t.Context(), &userv2.AddPersonalAccessTokenRequest{
		UserId: c.addMachine(t, "stranger"), ExpirationDate: timestamppb.New(time.Now().Add(time.Hour)),
	})
	return must(t, issued.GetToken(), err)
}

// TestBehaviour asks every RPC about users in every state. Whoever may not know a user learns nothing from the answers.
func TestBehaviour(t *testing.T) {
	t.Parallel()
	n := start(t, settings{})
	admin := n.admin()
	stranger := admin.stranger(t)
	conn, table := n.dial(), behaviours()
	methods := userv2.File_signet_user_v2_user_service_proto.Services().Get(0).Methods()
	for i := range methods.Len() {
		m := methods.Get(i)
		if !aboutUser(m) {
			continue
		}
		want, listed := table[string(m.Name())]
		if !listed {
			t.Errorf("%s is not in the table", m.Name())
		}
		ask := func(token string, request proto.Message) answer {
			got, err := invoke(metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+token), conn, m, request)
			return must(t, got, err)
		}
		words := make(map[answer]string)
		for _, h := range histories() {
			request := valid(m, h.made(t, admin, fmt.Sprintf("%s.%s@example.com", h.name, m.Name())))
			told := ask(stranger, request)
			if words[told] = h.name; told.code != want.stranger {
				t.Errorf("%s, %s: a stranger got %v: %s", m.Name(), h.name, told.code, told.text)
			}
			if got := ask(n.token(), request); got.code != h.given(want) {
				t.Errorf("%s, %s: %v expected, got %v: %s", m.Name(), h.name, h.given(want), got.code, got.text)
			}
		}
		if len(words) != 1 {
			t.Errorf("%s: a stranger can tell users apart: %v", m.Name(), words)
		}
	}
}

// TestBehaviourElsewhere asks the RPCs that are about no one user, or about one to be.
func TestBehaviourElsewhere(t *testing.T) {
	t.Parallel()
	n := start(t, settings{args: []string{"--redirect-origins", "http://localhost"}})
	stranger, conn := n.admin().stranger(t), n.dial()
	table := map[string]struct{ stranger, administrator connect.Code }{
		"AddHumanUser":                   {pd, ok},
		"CreateUser":                     {pd, nf}, // for an organization that does not exist
		"ListUsers":                      {ok, ok},
		"ListKeys":                       {ok, ok},
		"ListPersonalAccessTokens":       {ok, ok},
		"StartIdentityProviderIntent":    {fp, fp}, // at a provider that does not exist
		"RetrieveIdentityProviderIntent": {pd, pd}, // that was never started
	}
	methods := userv2.File_signet_user_v2_user_service_proto.Services().Get(0).Methods()
	for i := range methods.Len() {
		m := methods.Get(i)
		if aboutUser(m) {
			continue
		}
		want, listed := table[string(m.Name())]
		if !listed {
			t.Errorf("%s is not in the table", m.Name())
		}
		for token, code := range map[string]connect.Code{stranger: want.stranger, n.token(): want.administrator} {
			ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+token)
			if got, err := invoke(ctx, conn, m, valid(m, "")); err != nil || got.code != code {
				t.Errorf("%s: %v expected, got %v: %s, %v", m.Name(), code, got.code, got.text, err)
			}
		}
	}
}
