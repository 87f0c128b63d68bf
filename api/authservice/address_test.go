package authservice_test

import (
	"context"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/signet-iam/signet/api/authservice"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/user"
	queries "github.com/signet-iam/signet/query/user"
)

const number = "+41791234567"

func emails() []errand {
	get := ask((*authservice.Service).GetMyEmail, &authv1.GetMyEmailRequest{})
	set := func(to string) deed {
		return ask((*authservice.Service).SetMyEmail, &authv1.SetMyEmailRequest{Email: to})
	}
	verify := func(code string) deed {
		return ask((*authservice.Service).VerifyMyEmail, &authv1.VerifyMyEmailRequest{Code: code})
	}
	resend := ask((*authservice.Service).ResendMyEmailVerification, &authv1.ResendMyEmailVerificationRequest{})
	same := func(ctx context.Context, t *testing.T, n *node) (proto.Message, error) {
		return set(idOf(ctx)+"@example.com")(ctx, t, n)
	}
	right := func(ctx context.Context, t *testing.T, n *node) (proto.Message, error) {
		made, err := n.users.SendEmailCode(ctx, admin(), user.RequestCode{UserID: idOf(ctx), Verification: user.Return{}})
		must(t, err)
		return verify(made.Code)(ctx, t, n)
	}
	verified := []proto.Message{&eventv1.UserEmailVerified{}}
	return []errand{
		{rpc: "GetMyEmail", when: get},
		{rpc: "GetMyEmail", name: "of a machine", machine: true, when: get, fails: queries.ErrNotHuman},
		{rpc: "SetMyEmail", when: set("countess@example.com")},
		{rpc: "SetMyEmail", name: "the same", when: same, fails: user.ErrEmailNotChanged},
		{rpc: "SetMyEmail", name: "of a machine", machine: true, when: set("a@example.com"), fails: user.ErrEmailNotFound},
		{rpc: "VerifyMyEmail", when: right},
		{rpc: "VerifyMyEmail", name: "by a wrong code", when: verify("WRONG1"), fails: user.ErrWrongCode},
		{rpc: "VerifyMyEmail", name: "when no code is pending", given: verified, when: verify("WRONG1"), fails: user.ErrNoPendingCode},
		{rpc: "ResendMyEmailVerification", when: resend},
		{rpc: "ResendMyEmailVerification", name: "of a verified one", given: verified, when: resend, fails: user.ErrEmailVerified},
	}
}

func phones() []errand {
	get := ask((*authservice.Service).GetMyPhone, &authv1.GetMyPhoneRequest{})
	set := ask((*authservice.Service).SetMyPhone, &authv1.SetMyPhoneRequest{Phone: number})
	verify := func(code string) deed {
		return ask((*authservice.Service).VerifyMyPhone, &authv1.VerifyMyPhoneRequest{Code: code})
	}
	resend := ask((*authservice.Service).ResendMyPhoneVerification, &authv1.ResendMyPhoneVerificationRequest{})
	remove := ask((*authservice.Service).RemoveMyPhone, &authv1.RemoveMyPhoneRequest{})
	code := func(then func(code string) deed) deed {
		return func(ctx context.Context, t *testing.T, n *node) (proto.Message, error) {
			made, err := n.users.SendPhoneCode(ctx, admin(), user.RequestCode{UserID: idOf(ctx), Verification: user.Return{}})
			must(t, err)
			return then(made.Code)(ctx, t, n)
		}
	}
	having := []proto.Message{&eventv1.UserPhoneChanged{Phone: number}}
	verified := append(having[:1:1], &eventv1.UserPhoneVerified{})
	return []errand{
		{rpc: "GetMyPhone", when: get},
		{rpc: "GetMyPhone", name: "of a machine", machine: true, when: get, fails: queries.ErrNotHuman},
		{rpc: "SetMyPhone", when: set},
		{rpc: "SetMyPhone", name: "the same", given: having, when: set, fails: user.ErrPhoneNotChanged},
		{rpc: "SetMyPhone", name: "of a machine", machine: true, when: set, fails: user.ErrPhoneNotFound},
		{rpc: "VerifyMyPhone", given: having, when: code(verify)},
		{rpc: "VerifyMyPhone", name: "by a wrong code", given: having, when: code(func(string) deed { return verify("WRONG1") }), fails: user.ErrWrongCode},
		{rpc: "VerifyMyPhone", name: "when no code is pending", given: having, when: verify("WRONG1"), fails: user.ErrNoPendingCode},
		{rpc: "ResendMyPhoneVerification", given: having, when: resend},
		{rpc: "ResendMyPhoneVerification", name: "of a verified one", given: verified, when: resend, fails: user.ErrPhoneVerified},
		{rpc: "ResendMyPhoneVerification", name: "of none", when: resend, fails: user.ErrPhoneNotFound},
		{rpc: "RemoveMyPhone", given: having, when: remove},
		{rpc: "RemoveMyPhone", name: "of none", when: remove, fails: user.ErrPhoneNotFound},
	}
}
