package user

import (
	"context"
	"time"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/password"
	"github.com/signet-iam/signet/command/permission"
)

const (
	passwordSecret  = "password"
	passwordGuesses = 10
	passwordWindow  = 10 * time.Minute
)

// NewPassword is a password on its way to a user: in clear, or as a hash that was made elsewhere.
type NewPassword struct {
	Clear          string
	Hash           string // only if Clear is empty
	ChangeRequired bool   // the user has to choose another at the next sign-in
}

// Proof says why a caller may set a password. nil: because it holds user.write.
type Proof interface {
	proof()
}

// CurrentPassword proves by the password that is being replaced.
type CurrentPassword string

// ResetCode proves by a code that RequestPasswordReset made.
type ResetCode string

func (CurrentPassword) proof() {}
func (ResetCode) proof()       {}

// check validates a new password as far as no policy is needed; hashes are checked for what they cost.
func (p *NewPassword) check() error {
	switch {
	case len(p.Clear) > password.MaxLength:
		return password.ErrTooLong
	case p.Clear != "":
		return nil
	case p.Hash == "":
		return ErrPasswordEmpty
	}
	hash, err := password.Accept(p.Hash)
	p.Hash = hash
	return err
}

// fits refuses a password that the policy of an organization does not allow. Of a hash nobody can tell.
func (s *Service) fits(ctx context.Context, p NewPassword, tenant, organization string) error {
	if p.Clear == "" {
		return nil
	}
	held, err := s.policies.PasswordComplexity(ctx, tenant, organization)
	if err != nil {
		return err
	}
	rules := held.Policy
	return password.Policy{
		MinLength: int(rules.GetMinLength()), Lower: rules.GetLowercase(), Upper: rules.GetUppercase(), Digit: rules.GetNumber(),
		Symbol: rules.GetSymbol(),
	}.Check(p.Clear)
}

// SetPassword replaces a user's password.
type SetPassword struct {
	UserID string
	New    NewPassword
	Proof  Proof
}

// SetPassword replaces the password; pending reset codes are void. Whether the policy of the user's organization allows the new one is
// said to those who have proven something or hold user.write, and to nobody else. A proof is not spent on a password that is refused. If the
// policy says so, a message about the change goes to the email address that the user has proven.
func (s *Service) SetPassword(ctx context.Context, caller *permission.Caller, req SetPassword) (command.Receipt, error) {
	g, err := s.guard(opSetPassword, caller, req.UserID)
	if err != nil {
		return command.Receipt{}, err
	}
	if err := req.New.check(); err != nil {
		return command.Receipt{}, err
	}
	p := s.passwordChange(g, req.New, req.Proof)
	receipt, err := s.run(ctx, g, func(ctx context.Context, state *State, d *command.Decision) error {
		if !g.proof || req.Proof == nil {
			if err := g.check(state.Organization); err != nil {
				return err
			}
		}
		return s.decidePassword(ctx, p, state, d)
	})
	s.settlePassword(ctx, p, err)
	return receipt, err
}

// settlePassword gives the guesses back to who has proven to know the current password or a code, even if the new one was refused.
func (s *Service) settlePassword(ctx context.Context, p *passwordChange, err error) {
	switch {
	case p.knew && (err == nil || password.Lacking(err)):
		s.forgive(ctx, streamOf(p.caller, p.userID), s.passwordCounters(ctx, p.caller.Tenant, p.organization)...)
	case p.code != "" && password.Lacking(err):
		s.forgive(ctx, streamOf(p.caller, p.userID), p.code)
	}
}

// passwordChange is one run of setting a password. It remembers what was computed, so that deciding anew costs no hash.
type passwordChange struct {
	*passwordTry // at the current password
	next         NewPassword
	proof        Proof
	guess        *guess // at a code

	hash string // of next
	code string // the counter of the code that was right, if it was
}

func (s *Service) passwordChange(g guard, next NewPassword, proof Proof) *passwordChange {
	p := &passwordChange{passwordTry: tryPassword(g, ""), next: next, proof: proof}
	switch proof := proof.(type) {
	case CurrentPassword:
		p.current = string(proof)
	case ResetCode:
		p.guess = s.guess(g, aboutPassword(0), string(proof))
	}
	return p
}

// decidePassword checks the proof and adds the change to the decision.
func (s *Service) decidePassword(ctx context.Context, p *passwordChange, state *State, d *command.Decision) error {
	proven, err := true, error(nil)
	switch p.proof.(type) {
	case nil:
		if !state.Human() {
			return ErrPasswordNotFound
		}
	case CurrentPassword:
		proven, err = s.proveByPassword(ctx, p.passwordTry, state, d)
		p.organization = state.Organization
		if proven && p.next.Clear == p.current {
			return ErrPasswordNotChanged
		}
	case ResetCode:
		proven, err = s.proveByCode(ctx, p, state, d)
	}
	if err != nil || !proven {
		return err
	}
	if err := s.fits(ctx, p.next, p.caller.Tenant, state.Organization); err != nil {
		return err
	}
	if p.hash == "" {
		if p.hash, err = s.hash(ctx, p.next); err != nil {
			return err
		}
	}
	changed := command.Event{
		ID: s.rt.NewID(), Message: &eventv1.UserPasswordChanged{Hash: p.hash, ChangeRequired: p.next.ChangeRequired},
	}
	if p.next.Clear != "" { // who brings a hash along moves accounts, and changes nobody's password
		if err := s.tell(ctx, p.guard, state, &changed); err != nil {
			return err
		}
	}
	d.Events = append(d.Events, changed)
	return nil
}

const (
	// noticeLife is how long a message about something that happened is tried to be brought to its user.
	noticeLife = 72 * time.Hour
	// notice is what lies beside such an event: there is no secret in it, but that it is there means that a message is due.
	notice = "-"
)

// tell has a message sent about an event, to the address that the user has proven, if the policy says so.
func (s *Service) tell(ctx context.Context, g guard, state *State, about *command.Event) error {
	if !state.Email.Verified {
		return nil
	}
	held, err := s.policies.Notification(ctx, g.caller.Tenant, state.Organization)
	if err != nil || !held.Policy.GetPasswordChange() {
		return err
	}
	about.Code, about.CodeExpires = notice, s.rt.Now().Add(noticeLife).Truncate(time.Microsecond)
	return nil
}

// hash returns the hash of a password that was checked.
func (s *Service) hash(ctx context.Context, p NewPassword) (string, error) {
	if p.Clear == "" {
		return p.Hash, nil
	}
	return s.passwords.Hash(ctx, p.Clear)
}

func (s *Service) proveByCode(ctx context.Context, p *passwordChange, state *State, d *command.Decision) (bool, error) {
	if !state.Human() {
		return false, p.guess.told(state, ErrPasswordNotFound)
	}
	code := state.PasswordCode
	if code == nil {
		return false, p.guess.told(state, ErrCodeNotFound)
	}
	expired := !s.rt.Now().Before(code.ExpiresAt)
	if expired && p.mayKnow(state.Organization) {
		return false, ErrCodeExpired
	}
	ok, err := s.match(ctx, p.guess, state, d)
	if ok && expired {
		return false, ErrCodeExpired
	}
	if ok {
		p.code = code.EventID.String()
	}
	return ok, err
}

// RequestPasswordReset asks for a code with which a password can be set.
type RequestPasswordReset struct {
	UserID       string
	Verification Verification // Send or Return
	SMS          bool         // send it to the phone instead of the mailbox
	Digits       bool         // six decimal digits instead of letters and digits
}

// RequestPasswordReset makes a new code; the earlier one is void.
func (s *Service) RequestPasswordReset(ctx context.Context, caller *permission.Caller, req RequestPasswordReset) (Coded, error) {
	g, err := s.guard(opRequestPasswordReset, caller, req.UserID)
	if err != nil {
		return Coded{}, err
	}
	r := codeRequest{guard: g, target: human, verification: req.Verification, topic: aboutPassword(eventv1.CodeMedium_CODE_MEDIUM_EMAIL)}
	if req.SMS {
		r.topic = aboutPassword(eventv1.CodeMedium_CODE_MEDIUM_SMS)
		r.possible = func(state *State) error {
			if state.Phone.Value == "" {
				return ErrNoPhone
			}
			return nil
		}
	}
	if _, returned := req.Verification.(Return); !returned && !req.SMS {
		r.possible = hasEmail
	}
	r.topic = r.topic.in(req.Digits)
	return s.requestCode(ctx, r)
}
