package user

import (
	"context"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
)

// UpdateHuman changes several things of a person at once. What is nil stays.
type UpdateHuman struct {
	UserID       string
	Username     *string
	Profile      *Profile
	ProfileParts *ProfileParts // instead of Profile
	Email        *EmailChange
	Phone        *PhoneChange // an empty number is ignored
	RemovePhone  bool         // instead of Phone; nothing happens where there is none
	Password     *PasswordUpdate
	Metadata     []MetadataEntry // over what is there
}

// PasswordUpdate is a new password and why the caller may set it.
type PasswordUpdate struct {
	New   NewPassword
	Proof Proof // nil: because it holds user.write
}

// Updated is the answer of UpdateHuman.
type Updated struct {
	Receipt   command.Receipt
	EmailCode string // only if it was asked for with Return
	PhoneCode string
}

// UpdateHuman records one event for each part that differs, all or none of them. If nothing differs nothing is recorded.
func (s *Service) UpdateHuman(ctx context.Context, caller *permission.Caller, req UpdateHuman) (Updated, error) {
	g, err := s.guard(opUpdateHuman, caller, req.UserID)
	if err != nil {
		return Updated{}, err
	}
	if err := s.checkUpdate(&req); err != nil {
		return Updated{}, err
	}
	g.declares = req.declares()
	u := &update{Service: s, guard: g, req: &req}
	if req.Password != nil {
		u.password = s.passwordChange(g, req.Password.New, req.Password.Proof)
	}
	u.out.Receipt, err = s.change(ctx, g, human, u.decide)
	if u.password != nil {
		s.settlePassword(ctx, u.password, err)
	}
	if err != nil {
		return Updated{}, err
	}
	return u.out, nil
}

// declares reports whether the update needs more than being the user.
func (r *UpdateHuman) declares() bool {
	return r.Email != nil && needsTrust(r.Email.Verification) ||
		r.Phone != nil && r.Phone.Number != "" && needsTrust(r.Phone.Verification) ||
		r.Password != nil && r.Password.Proof == nil
}

// checkUpdate validates an update and brings it into its kept form.
func (s *Service) checkUpdate(r *UpdateHuman) error {
	if r.Username != nil {
		username, err := parseUsername(*r.Username)
		if err != nil {
			return err
		}
		r.Username = &username
	}
	if r.Profile != nil {
		if err := r.Profile.check(); err != nil {
			return err
		}
	}
	if r.ProfileParts != nil {
		if err := r.ProfileParts.check(); err != nil {
			return err
		}
	}
	if err := r.checkAddresses(); err != nil {
		return err
	}
	if err := checkMetadata(r.Metadata); err != nil {
		return err
	}
	if r.Password != nil {
		next := *r.Password
		r.Password = &next
		return next.New.check()
	}
	return nil
}

func (r *UpdateHuman) checkAddresses() error {
	if r.RemovePhone && r.Phone != nil {
		return ErrPhoneRemoval
	}
	if r.Email != nil {
		email, err := parseEmail(r.Email.Address)
		if err != nil {
			return err
		}
		r.Email = &EmailChange{email, r.Email.Verification}
		if err := checkVerification(r.Email.Verification); err != nil {
			return err
		}
	}
	if r.Phone != nil && r.Phone.Number != "" {
		phone, err := parsePhone(r.Phone.Number)
		if err != nil {
			return err
		}
		r.Phone = &PhoneChange{phone, r.Phone.Verification}
		return checkVerification(r.Phone.Verification)
	}
	return nil
}

// update is one run of UpdateHuman.
type update struct {
	*Service
	guard
	req      *UpdateHuman
	password *passwordChange
	out      Updated
}

func (u *update) decide(ctx context.Context, state *State, d *command.Decision) error {
	u.out.EmailCode, u.out.PhoneCode = "", ""
	if err := u.changeUsername(ctx, state, d); err != nil {
		return err
	}
	u.changeProfile(state, d)
	if err := u.changeEmail(ctx, state, d); err != nil {
		return err
	}
	if err := u.changePhone(ctx, state, d); err != nil {
		return err
	}
	if err := u.setMetadata(state, d, u.req.Metadata); err != nil {
		return err
	}
	if u.password == nil {
		return nil
	}
	return u.changePassword(ctx, state, d)
}

func (u *update) changeUsername(ctx context.Context, state *State, d *command.Decision) error {
	if u.req.Username == nil {
		return nil
	}
	return u.rename(ctx, d, renaming{tenant: u.caller.Tenant, from: state.Username, to: *u.req.Username})
}

// renaming is a change of a username.
type renaming struct {
	tenant, from, to string
}

func (s *Service) rename(ctx context.Context, d *command.Decision, r renaming) error {
	if r.from == r.to {
		return nil
	}
	before, err := s.usernameClaim(ctx, r.tenant, r.from)
	if err != nil {
		return err
	}
	after, err := s.usernameClaim(ctx, r.tenant, r.to)
	if err != nil {
		return err
	}
	// The same name in another case is the same claim.
	if string(before.Digest) != string(after.Digest) {
		d.Releases, d.Claims = append(d.Releases, before), append(d.Claims, after)
	}
	s.record(d, &eventv1.UserUsernameChanged{Username: r.to})
	return nil
}

func (u *update) changeProfile(state *State, d *command.Decision) {
	next := u.req.Profile
	if u.req.ProfileParts != nil {
		next = u.req.ProfileParts.over(state.Profile)
	}
	if next == nil {
		return
	}
	if after := next.on(state.Profile); !proto.Equal(after, state.Profile) {
		u.record(d, &eventv1.UserProfileChanged{Profile: after})
	}
}

func (u *update) changeEmail(ctx context.Context, state *State, d *command.Decision) (err error) {
	e := u.req.Email
	switch {
	case e == nil:
	case e.Address != state.Email.Value:
		u.replaceEmail(state, d, e.Address)
		u.out.EmailCode, err = u.prove(ctx, u.guard, provingEmail(e.Address, e.Verification), d)
	case isVerified(e.Verification) && !state.Email.Verified:
		u.record(d, &eventv1.UserEmailVerified{})
	}
	return err
}

func (u *update) changePhone(ctx context.Context, state *State, d *command.Decision) (err error) {
	p := u.req.Phone
	switch {
	case u.req.RemovePhone:
		if state.Phone.Value != "" {
			u.dropPhone(state, d)
		}
	case p == nil || p.Number == "":
	case p.Number != state.Phone.Value:
		u.replacePhone(state, d, p.Number)
		u.out.PhoneCode, err = u.prove(ctx, u.guard, provingPhone(p.Number, p.Verification), d)
	case isVerified(p.Verification) && !state.Phone.Verified:
		u.record(d, &eventv1.UserPhoneVerified{})
	}
	return err
}

// changePassword decides on a decision of its own: when the proof is wrong nothing else may happen, but the end of a code
// that was guessed at too often has to.
func (u *update) changePassword(ctx context.Context, state *State, d *command.Decision) error {
	own := command.Decision{Subject: d.Subject}
	if err := u.decidePassword(ctx, u.password, state, &own); err != nil {
		return err
	}
	if own.Refusal == nil {
		own.Events = append(d.Events, own.Events...)
		own.Claims, own.Releases = d.Claims, d.Releases
	}
	*d = own
	return nil
}
