package signin

import (
	"context"
	"time"

	"github.com/signet-iam/signet/command/policy"
	"github.com/signet-iam/signet/command/user"
)

const day = 24 * time.Hour

// admit holds the policies of a user's organization against a sign-in with the right password. That they are asked only then tells
// nobody else what they say, nor who is there. Whoever is refused has other ways: a session that takes second factors (package
// session), and a new password by the present one or by a code.
func (s *Service) admit(ctx context.Context, n name, id string, checked user.Checked) error {
	login, err := s.policies.Login(ctx, s.tenant, checked.Organization)
	if err != nil {
		return err
	}
	if p := login.Policy; n.kind == byEmail && p.GetDisableLoginWithEmail() || n.kind == byPhone && p.GetDisableLoginWithPhone() {
		return ErrRejected
	}
	if err := direct(login.Policy); err != nil {
		return err
	}
	expired, err := s.expired(ctx, id, checked.Organization)
	if err != nil {
		return err
	}
	if expired {
		return ErrPasswordExpired
	}
	return nil
}

// direct refuses to sign anybody in by a password alone where the policy does not have it.
func direct(p *policy.Login) error {
	switch {
	case !p.GetPassword():
		return ErrPasswordOff
	case p.GetForceMfa(), p.GetForceMfaLocalOnly():
		return ErrMFARequired
	}
	return nil
}

// expired reports whether a user's password is older than the policy of its organization allows.
func (s *Service) expired(ctx context.Context, id, organization string) (bool, error) {
	age, err := s.policies.PasswordAge(ctx, s.tenant, organization)
	if err != nil || age.Policy.GetMaxAgeDays() == 0 {
		return false, err
	}
	// The password was judged on this state a moment ago; nothing is read.
	known, err := s.states.Recall(ctx, s.tenant, id)
	if err != nil {
		return false, err
	}
	return !s.rt.Now().Before(known.State.PasswordSince.Add(time.Duration(age.Policy.GetMaxAgeDays()) * day)), nil
}

// open refuses to register anybody where the policy does not have it, or where whoever registers could not be signed in.
func (s *Service) open(ctx context.Context) error {
	login, err := s.policies.Login(ctx, s.tenant, s.settings.Organization)
	if err != nil {
		return err
	}
	if !login.Policy.GetRegister() {
		return ErrRegistrationOff
	}
	return direct(login.Policy)
}

// Open reports whether users may register themselves.
func (s *Service) Open(ctx context.Context) (bool, error) {
	login, err := s.policies.Login(ctx, s.tenant, s.settings.Organization)
	if err != nil {
		return false, err
	}
	return login.Policy.GetRegister() && direct(login.Policy) == nil, nil
}
