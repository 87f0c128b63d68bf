package session

import (
	"context"
	"errors"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/intent"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/eventstore/failure"
)

// Checks are proofs, run in this order.
type Checks struct {
	UserID       string // or LoginName
	LoginName    string
	Password     string
	WebAuthn     []byte // JSON: what navigator.credentials.get returned
	IntentID     string
	IntentToken  string
	TOTP         string
	OTPSMS       string
	OTPEmail     string
	RecoveryCode string
}

// proofs reports whether more is checked than a name.
func (c *Checks) proofs() bool {
	return c.Password != "" || len(c.WebAuthn) > 0 || c.IntentID != "" || c.TOTP != "" || c.OTPSMS != "" || c.OTPEmail != "" ||
		c.RecoveryCode != ""
}

// trial is one run of checks and challenges in a session.
type trial struct {
	caller     *permission.Caller
	id         string // of the session
	on         *State // the session as it was when the trial began
	checks     *Checks
	challenges *Challenges
	person     person
	judge      *permission.Caller // in whose name proofs are judged
}

// proof is a judgement: an event for the session, and the version of the user's stream on which it was made.
type proof struct {
	event proto.Message
	at    uint64
}

// examine runs the checks and then the challenges, and returns what the session has to record. Nothing is recorded in the
// session before all of it went well. What happened to the user meanwhile counts.
func (s *Service) examine(ctx context.Context, t *trial) ([]proto.Message, Challenged, error) {
	if err := t.person.fits(t); err != nil {
		return nil, Challenged{}, err
	}
	var events []proto.Message
	if t.person.named {
		events = append(events, &eventv1.SessionUserChecked{
			UserId: t.person.id, OrganizationId: t.person.state.Organization, UserVersion: t.person.at,
		})
	}
	t.judge = t.person.judge(t.caller)
	proofs, err := s.prove(ctx, t)
	if err != nil {
		return nil, Challenged{}, err
	}
	for _, p := range proofs {
		events = append(events, p.event)
	}
	challenged, asked, err := s.challenge(ctx, t)
	return append(events, asked...), challenged, err
}

// prove judges the proofs, and then looks at the user again: the session will name the version of the last proof, and what ended
// the user's sessions between the first and the last would be forgotten.
func (s *Service) prove(ctx context.Context, t *trial) ([]proof, error) {
	if !t.checks.proofs() {
		return nil, nil
	}
	var proofs []proof
	for _, judge := range [...]func(context.Context, *trial) (proof, error){
		s.provePassword, s.proveWebAuthn, s.proveIntent, s.proveTOTP, s.proveOTPSMS, s.proveOTPEmail, s.proveRecoveryCode,
	} {
		p, err := judge(ctx, t)
		if err != nil {
			return nil, unproven(err)
		}
		if p.event != nil {
			proofs = append(proofs, p)
		}
	}
	if err := s.look(ctx, t.caller.Tenant, &t.person); err != nil {
		return nil, err
	}
	return proofs, t.person.stillHolds(proofs)
}

// unproven translates refusals into those of a check: that a user has no such factor is no word on whether there is a session, and
// a wrong token of an intent is a wrong proof like others.
func unproven(err error) error {
	refusal, ok := errors.AsType[*failure.Error](err)
	switch {
	case !ok:
		return err
	case refusal.Kind == failure.NotFound:
		return failure.New(failure.FailedPrecondition, refusal.Reason, refusal.Text).Because(err)
	case errors.Is(err, intent.ErrInvalidToken):
		return failure.New(failure.InvalidArgument, refusal.Reason, refusal.Text).Because(err)
	}
	return err
}

func (s *Service) provePassword(ctx context.Context, t *trial) (proof, error) {
	if t.checks.Password == "" {
		return proof{}, nil
	}
	checked, err := s.users.CheckPassword(ctx, t.judge, user.CheckPassword{UserID: t.person.id, Password: t.checks.Password})
	return proof{&eventv1.SessionPasswordChecked{UserVersion: checked.Version}, checked.Version}, err
}

// proveWebAuthn verifies the answer to the session's question. A wrong answer voids the question.
func (s *Service) proveWebAuthn(ctx context.Context, t *trial) (proof, error) {
	if len(t.checks.WebAuthn) == 0 {
		return proof{}, nil
	}
	if len(t.on.Ceremony) == 0 {
		return proof{}, ErrNoChallenge
	}
	used, err := s.users.UseWebAuthn(ctx, t.judge, user.UseWebAuthn{
		UserID: t.person.id, Ceremony: t.on.Ceremony, Response: t.checks.WebAuthn,
	})
	if err != nil {
		return proof{}, errors.Join(err, s.voidQuestion(ctx, t, err))
	}
	at := used.Receipt.Version
	return proof{&eventv1.SessionWebAuthnChecked{UserVersion: at, WebauthnId: used.ID, UserVerified: used.UserVerified}, at}, nil
}

// voidQuestion records that the answer to a question was wrong, unless the question was replaced meanwhile.
func (s *Service) voidQuestion(ctx context.Context, t *trial, because error) error {
	refusal, ok := errors.AsType[*failure.Error](because)
	if !ok || refusal.Kind == failure.Unavailable {
		return nil // nobody has looked at the answer
	}
	call := command.CallBy[State](t.caller, t.id)
	call.Decide = func(_ context.Context, snap *command.Snapshot[State]) (command.Decision, error) {
		d := command.Decision{Subject: subject(t.id)}
		if !snap.State.Ended && string(snap.State.Ceremony) == string(t.on.Ceremony) {
			s.record(&d, &eventv1.SessionWebAuthnFailed{})
		}
		return d, nil
	}
	_, _, err := s.sessions.Execute(ctx, call)
	return err
}

// proveIntent spends what an identity provider said. That the account is linked was true of the user as it was before.
func (s *Service) proveIntent(ctx context.Context, t *trial) (proof, error) {
	if t.checks.IntentID == "" {
		return proof{}, nil
	}
	_, err := s.intents.Use(ctx, t.judge, intent.Use{ID: t.checks.IntentID, Token: t.checks.IntentToken, UserID: t.person.id})
	at := t.person.at
	return proof{&eventv1.SessionIntentChecked{UserVersion: at, IntentId: t.checks.IntentID}, at}, err
}

func (s *Service) proveTOTP(ctx context.Context, t *trial) (proof, error) {
	if t.checks.TOTP == "" {
		return proof{}, nil
	}
	receipt, err := s.users.UseTOTP(ctx, t.judge, user.TOTPCode{UserID: t.person.id, Code: t.checks.TOTP})
	return proof{&eventv1.SessionTOTPChecked{UserVersion: receipt.Version}, receipt.Version}, err
}

func (s *Service) proveOTPSMS(ctx context.Context, t *trial) (proof, error) {
	if t.checks.OTPSMS == "" {
		return proof{}, nil
	}
	if t.on.SMSCodeID == "" {
		return proof{}, ErrNoChallenge
	}
	receipt, err := s.users.UseOTP(ctx, t.judge, user.UseOTP{
		UserID: t.person.id, SMS: true, CodeID: t.on.SMSCodeID, Code: t.checks.OTPSMS,
	})
	return proof{&eventv1.SessionOTPSMSChecked{UserVersion: receipt.Version}, receipt.Version}, err
}

func (s *Service) proveOTPEmail(ctx context.Context, t *trial) (proof, error) {
	if t.checks.OTPEmail == "" {
		return proof{}, nil
	}
	if t.on.EmailCodeID == "" {
		return proof{}, ErrNoChallenge
	}
	receipt, err := s.users.UseOTP(ctx, t.judge, user.UseOTP{
		UserID: t.person.id, CodeID: t.on.EmailCodeID, Code: t.checks.OTPEmail,
	})
	return proof{&eventv1.SessionOTPEmailChecked{UserVersion: receipt.Version}, receipt.Version}, err
}

func (s *Service) proveRecoveryCode(ctx context.Context, t *trial) (proof, error) {
	if t.checks.RecoveryCode == "" {
		return proof{}, nil
	}
	receipt, err := s.users.UseRecoveryCode(ctx, t.judge, user.UseRecoveryCode{UserID: t.person.id, Code: t.checks.RecoveryCode})
	return proof{&eventv1.SessionRecoveryCodeChecked{UserVersion: receipt.Version}, receipt.Version}, err
}
