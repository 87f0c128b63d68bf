package sessionservice

import (
	sessionv2 "github.com/signet-iam/signet/api/gen/signet/session/v2"
	"github.com/signet-iam/signet/api/webauthnjson"
	commands "github.com/signet-iam/signet/command/session"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/command/webauthn"
)

// checks translates proofs. What must not be empty in them, their field rules see to.
func checks(c *sessionv2.Checks) (commands.Checks, error) {
	out := commands.Checks{
		UserID:       c.GetUser().GetUserId(),
		LoginName:    c.GetUser().GetLoginName(),
		Password:     c.GetPassword().GetPassword(),
		IntentID:     c.GetIdpIntent().GetIdpIntentId(),
		IntentToken:  c.GetIdpIntent().GetIdpIntentToken(),
		TOTP:         c.GetTotp().GetCode(),
		OTPSMS:       c.GetOtpSms().GetCode(),
		OTPEmail:     c.GetOtpEmail().GetCode(),
		RecoveryCode: c.GetRecoveryCode().GetCode(),
	}
	if answer := c.GetWebAuthN(); answer != nil {
		response, err := webauthnjson.Response(answer.GetCredentialAssertionData())
		if err != nil {
			return commands.Checks{}, err
		}
		out.WebAuthn = response
	}
	return out, nil
}

func challenges(c *sessionv2.RequestChallenges) commands.Challenges {
	var out commands.Challenges
	if ask := c.GetWebAuthN(); ask != nil {
		out.WebAuthn = &commands.WebAuthnChallenge{
			Domain: ask.GetDomain(), Verification: verification(ask.GetUserVerificationRequirement()),
		}
	}
	if ask := c.GetOtpSms(); ask != nil {
		out.OTPSMS = user.Send{}
		if ask.GetReturnCode() {
			out.OTPSMS = user.Return{}
		}
	}
	if ask := c.GetOtpEmail(); ask != nil {
		out.OTPEmail = user.Send{URLTemplate: ask.GetSendCode().GetUrlTemplate()}
		if ask.GetReturnCode() != nil {
			out.OTPEmail = user.Return{}
		}
	}
	return out
}

func verification(v sessionv2.UserVerificationRequirement) webauthn.UserVerification {
	switch v {
	case sessionv2.UserVerificationRequirement_USER_VERIFICATION_REQUIREMENT_PREFERRED:
		return webauthn.VerificationPreferred
	case sessionv2.UserVerificationRequirement_USER_VERIFICATION_REQUIREMENT_DISCOURAGED:
		return webauthn.VerificationDiscouraged
	}
	return webauthn.VerificationRequired
}

// challenged is nil where nothing was asked, or nothing is for the caller to see.
func challenged(c commands.Challenged) (*sessionv2.Challenges, error) {
	if c.WebAuthn == nil && c.OTPSMS == "" && c.OTPEmail == "" {
		return nil, nil
	}
	out := &sessionv2.Challenges{OtpSms: known(c.OTPSMS), OtpEmail: known(c.OTPEmail)}
	if c.WebAuthn != nil {
		options, err := webauthnjson.Options(c.WebAuthn)
		if err != nil {
			return nil, err
		}
		out.WebAuthN = &sessionv2.Challenges_WebAuthN{PublicKeyCredentialRequestOptions: options}
	}
	return out, nil
}
