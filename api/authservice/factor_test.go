package authservice_test

import (
	"context"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"google.golang.org/protobuf/proto"

	"github.com/signet-iam/signet/api/authservice"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/user"
)

// app is the history of an authenticator app that is in use, and otps that of codes by SMS and by email.
func app() []proto.Message {
	return []proto.Message{&eventv1.UserTOTPAdded{TotpId: "t", Seed: []byte("12345678901234567890")}, &eventv1.UserTOTPVerified{TotpId: "t"}}
}

func reachable() []proto.Message {
	return []proto.Message{&eventv1.UserEmailVerified{}, &eventv1.UserPhoneChanged{Phone: number}, &eventv1.UserPhoneVerified{}}
}

func otps() []proto.Message {
	return append(reachable(), &eventv1.UserOTPSMSAdded{}, &eventv1.UserOTPEmailAdded{})
}

func apps() []errand {
	add := ask((*authservice.Service).AddMyAuthFactorOTP, &authv1.AddMyAuthFactorOTPRequest{})
	verify := func(code string) deed {
		return ask((*authservice.Service).VerifyMyAuthFactorOTP, &authv1.VerifyMyAuthFactorOTPRequest{Code: code})
	}
	right := func(ctx context.Context, t *testing.T, n *node) (proto.Message, error) {
		made, err := n.AddMyAuthFactorOTP(ctx, &authv1.AddMyAuthFactorOTPRequest{})
		must(t, err)
		code, err := totp.GenerateCode(made.GetSecret(), time.Now())
		must(t, err)
		return verify(code)(ctx, t, n)
	}
	remove := ask((*authservice.Service).RemoveMyAuthFactorOTP, &authv1.RemoveMyAuthFactorOTPRequest{})
	return []errand{
		{rpc: "AddMyAuthFactorOTP", when: add},
		{rpc: "AddMyAuthFactorOTP", name: "a second one", given: app(), when: add, fails: user.ErrTOTPReady},
		{rpc: "AddMyAuthFactorOTP", name: "of a machine", machine: true, when: add, fails: user.ErrNoUser},
		{rpc: "VerifyMyAuthFactorOTP", when: right},
		{rpc: "VerifyMyAuthFactorOTP", name: "by a wrong code", given: app()[:1], when: verify("x"), fails: user.ErrWrongTOTP},
		{rpc: "VerifyMyAuthFactorOTP", name: "again", given: app(), when: verify("x"), fails: user.ErrTOTPVerified},
		{rpc: "VerifyMyAuthFactorOTP", name: "of none", when: verify("x"), fails: user.ErrTOTPNotFound},
		{rpc: "RemoveMyAuthFactorOTP", given: app(), when: remove},
		{rpc: "RemoveMyAuthFactorOTP", name: "of none", when: remove, fails: user.ErrTOTPNotFound},
	}
}

func codes() []errand {
	addSMS := ask((*authservice.Service).AddMyAuthFactorOTPSMS, &authv1.AddMyAuthFactorOTPSMSRequest{})
	removeSMS := ask((*authservice.Service).RemoveMyAuthFactorOTPSMS, &authv1.RemoveMyAuthFactorOTPSMSRequest{})
	addEmail := ask((*authservice.Service).AddMyAuthFactorOTPEmail, &authv1.AddMyAuthFactorOTPEmailRequest{})
	removeEmail := ask((*authservice.Service).RemoveMyAuthFactorOTPEmail, &authv1.RemoveMyAuthFactorOTPEmailRequest{})
	return []errand{
		{rpc: "AddMyAuthFactorOTPSMS", given: reachable(), when: addSMS},
		{rpc: "AddMyAuthFactorOTPSMS", name: "without a number", when: addSMS, fails: user.ErrOTPNotReady},
		{rpc: "AddMyAuthFactorOTPSMS", name: "again", given: otps(), when: addSMS, fails: user.ErrOTPReady},
		{rpc: "RemoveMyAuthFactorOTPSMS", given: otps(), when: removeSMS},
		{rpc: "RemoveMyAuthFactorOTPSMS", name: "of none", when: removeSMS, fails: user.ErrOTPNotFound},
		{rpc: "AddMyAuthFactorOTPEmail", given: reachable(), when: addEmail},
		{rpc: "AddMyAuthFactorOTPEmail", name: "to an unverified address", when: addEmail, fails: user.ErrOTPNotReady},
		{rpc: "AddMyAuthFactorOTPEmail", name: "again", given: otps(), when: addEmail, fails: user.ErrOTPReady},
		{rpc: "RemoveMyAuthFactorOTPEmail", given: otps(), when: removeEmail},
		{rpc: "RemoveMyAuthFactorOTPEmail", name: "of none", when: removeEmail, fails: user.ErrOTPNotFound},
		{rpc: "ListMyAuthFactors", given: append(otps(), app()[0]), when: ask((*authservice.Service).ListMyAuthFactors, &authv1.ListMyAuthFactorsRequest{})},
	}
}

// What a registration does not end is no factor yet.
func TestAuthFactors(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	ctx := n.person(t, "ada")
	n.given(t, "ada", append(otps(), app()[0])...)
	list := func() []*authv1.AuthFactor {
		t.Helper()
		found, err := n.ListMyAuthFactors(ctx, &authv1.ListMyAuthFactorsRequest{})
		must(t, err)
		return found.GetResult()
	}
	if found := list(); len(found) != 2 || found[0].GetOtpSms() == nil || found[1].GetOtpEmail() == nil {
		t.Errorf("factors %v", found)
	}
	n.given(t, "ada", app()[1])
	begun, err := n.AddMyAuthFactorU2F(ctx, &authv1.AddMyAuthFactorU2FRequest{})
	must(t, err)
	_, err = n.VerifyMyAuthFactorU2F(ctx, &authv1.VerifyMyAuthFactorU2FRequest{Verification: touched(t, begun.GetKey())})
	must(t, err)
	found := list()
	if len(found) != 4 || found[0].GetOtp() == nil || found[1].GetU2F().GetName() != "phone" || found[1].GetU2F().GetId() == "" {
		t.Errorf("factors %v", found)
	}
	for _, f := range found {
		if f.GetState() != authv1.AuthFactorState_AUTH_FACTOR_STATE_READY {
			t.Errorf("factor %v", f)
		}
	}
}
