package userservice

import (
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	commands "github.com/signet-iam/signet/command/user"
)

// emailVerification reads the choice that several requests offer; without one a code is sent.
func emailVerification(r interface {
	GetSendCode() *userv2.SendEmailVerificationCode
	GetReturnCode() *userv2.ReturnEmailVerificationCode
},
) commands.Verification {
	if r.GetReturnCode() != nil {
		return commands.Return{}
	}
	if declared, ok := declaredVerified(r); ok {
		return declared
	}
	return commands.Send{URLTemplate: r.GetSendCode().GetUrlTemplate()}
}

// phoneVerification is emailVerification for phone numbers.
func phoneVerification(r interface {
	GetSendCode() *userv2.SendPhoneVerificationCode
	GetReturnCode() *userv2.ReturnPhoneVerificationCode
},
) commands.Verification {
	if r.GetReturnCode() != nil {
		return commands.Return{}
	}
	if declared, ok := declaredVerified(r); ok {
		return declared
	}
	return commands.Send{}
}

// declaredVerified reads is_verified, which is a choice of its own: false asks for neither a code nor trust.
func declaredVerified(r any) (commands.Verification, bool) {
	var chosen, verified bool
	switch r := r.(type) {
	case *userv2.SetHumanEmail:
		_, chosen = r.GetVerification().(*userv2.SetHumanEmail_IsVerified)
		verified = r.GetIsVerified()
	case *userv2.SetHumanPhone:
		_, chosen = r.GetVerification().(*userv2.SetHumanPhone_IsVerified)
		verified = r.GetIsVerified()
	case *userv2.SetEmailRequest:
		_, chosen = r.GetVerification().(*userv2.SetEmailRequest_IsVerified)
		verified = r.GetIsVerified()
	case *userv2.SetPhoneRequest:
		_, chosen = r.GetVerification().(*userv2.SetPhoneRequest_IsVerified)
		verified = r.GetIsVerified()
	}
	switch {
	case !chosen:
		return nil, false
	case verified:
		return commands.Verified{}, true
	default:
		return commands.Unverified{}, true
	}
}

// passwordProof reads why the caller may set a password: nil stands for its permission.
func passwordProof(r interface {
	GetCurrentPassword() string
	GetVerificationCode() string
},
) commands.Proof {
	if code := r.GetVerificationCode(); code != "" {
		return commands.ResetCode(code)
	}
	if current := r.GetCurrentPassword(); current != "" {
		return commands.CurrentPassword(current)
	}
	return nil
}

// returned is a code for the caller, if it asked for one.
func returned(code string) *string {
	if code == "" {
		return nil
	}
	return &code
}
