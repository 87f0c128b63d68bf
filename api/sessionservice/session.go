package sessionservice

import (
	"time"

	sessionv2 "github.com/signet-iam/signet/api/gen/signet/session/v2"
	"github.com/signet-iam/signet/api/object"
	queries "github.com/signet-iam/signet/query/session"
)

// message is a session as the contract shows it.
func message(s *queries.Session) *sessionv2.Session {
	return &sessionv2.Session{
		Id: s.ID, CreationDate: object.Instant(s.CreatedAt), ChangeDate: object.Instant(s.ChangedAt), Sequence: s.Version, Factors: factors(s),
		Metadata: s.Metadata, UserAgent: userAgent(&s.Agent), ExpirationDate: object.Instant(s.ExpiresAt),
	}
}

// factors leaves out those that were never proven.
func factors(s *queries.Session) *sessionv2.Factors {
	out, f := &sessionv2.Factors{}, &s.Factors
	proven := func(at time.Time, fill func()) {
		if !at.IsZero() {
			fill()
		}
	}
	proven(s.User.CheckedAt, func() {
		out.User = &sessionv2.UserFactor{
			VerifiedAt: object.Instant(s.User.CheckedAt), Id: s.User.ID, LoginName: s.User.LoginName, DisplayName: s.User.DisplayName,
			OrganizationId: s.User.Organization,
		}
	})
	proven(f.Password, func() { out.Password = &sessionv2.PasswordFactor{VerifiedAt: object.Instant(f.Password)} })
	proven(f.WebAuthn, func() {
		out.WebAuthN = &sessionv2.WebAuthNFactor{VerifiedAt: object.Instant(f.WebAuthn), UserVerified: f.UserVerified}
	})
	proven(f.Intent, func() { out.Intent = &sessionv2.IntentFactor{VerifiedAt: object.Instant(f.Intent)} })
	proven(f.TOTP, func() { out.Totp = &sessionv2.TOTPFactor{VerifiedAt: object.Instant(f.TOTP)} })
	proven(f.OTPSMS, func() { out.OtpSms = &sessionv2.OTPFactor{VerifiedAt: object.Instant(f.OTPSMS)} })
	proven(f.OTPEmail, func() { out.OtpEmail = &sessionv2.OTPFactor{VerifiedAt: object.Instant(f.OTPEmail)} })
	proven(f.RecoveryCode, func() { out.RecoveryCode = &sessionv2.RecoveryCodeFactor{VerifiedAt: object.Instant(f.RecoveryCode)} })
	return out
}

// userAgent is nil where nothing is known of it.
func userAgent(a *queries.Agent) *sessionv2.UserAgent {
	if a.FingerprintID == "" && a.IP == "" && a.Description == "" && a.Headers == nil {
		return nil
	}
	out := &sessionv2.UserAgent{FingerprintId: known(a.FingerprintID), Ip: known(a.IP), Description: known(a.Description)}
	if len(a.Headers) > 0 {
		out.Header = make(map[string]*sessionv2.UserAgent_HeaderValues, len(a.Headers))
	}
	for name, values := range a.Headers {
		out.Header[name] = &sessionv2.UserAgent_HeaderValues{Values: values}
	}
	return out
}

// known is a text, nil for none.
func known(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
