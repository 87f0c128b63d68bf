package session

import (
	"context"

	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
)

// person is the user that checks and challenges are about.
type person struct {
	id    string
	named bool       // by the checks; otherwise it is the session's, or nobody
	state user.State // as of the last acknowledged change
	at    uint64     // version of the user's stream
}

// about finds the user that checks name, or else the session's.
func (s *Service) about(ctx context.Context, tenant string, c *Checks, state *State) (person, error) {
	p := person{id: state.UserID}
	switch {
	case c.UserID != "":
		p.id, p.named = c.UserID, true
	case c.LoginName != "":
		id, _, err := s.users.WithUsername(ctx, tenant, c.LoginName)
		if err != nil {
			return person{}, err
		}
		p.id, p.named = id, true
	}
	return p, s.look(ctx, tenant, &p)
}

// look reads the person up to the end of the log. Whoever belongs to an organization that is not active is not active either.
func (s *Service) look(ctx context.Context, tenant string, p *person) error {
	if p.id == "" {
		return nil
	}
	snap, err := s.userStates.Load(ctx, tenant, p.id)
	if err != nil {
		return err
	}
	p.state, p.at = snap.State, snap.Version
	if !p.state.CanSignIn() {
		return nil
	}
	active, err := s.organizations.Active(ctx, tenant, p.state.Organization)
	if err == nil && !active {
		p.state.Lifecycle = user.Inactive
	}
	return err
}

// fits refuses what cannot be done in a session about this person.
func (p *person) fits(t *trial) error {
	switch asked := t.checks.proofs() || t.challenges.asked(); {
	case !p.named && p.id == "" && asked:
		return ErrNoUser
	case !p.named && !asked:
		return nil
	case t.on.UserID != "" && t.on.UserID != p.id:
		return ErrOtherUser
	case !p.state.Exists():
		return user.ErrNotFound
	case !p.state.CanSignIn():
		return user.ErrCannotSignIn
	}
	return nil
}

// stillHolds refuses proofs about a user as it was, if that is not how it is.
func (p *person) stillHolds(proofs []proof) error {
	if !p.state.CanSignIn() {
		return user.ErrCannotSignIn
	}
	for i := range proofs {
		if proofs[i].at < p.state.SessionsSince {
			return ErrUserChanged
		}
	}
	return nil
}

// judge returns in whose name the person's proofs are judged. Who may write sessions may not have the right to everything that
// takes with users, and is told what is wrong with a proof.
func (p *person) judge(caller *permission.Caller) *permission.Caller {
	if caller.May(permission.SessionWrite, p.state.Organization) {
		return permission.System(caller.Tenant)
	}
	return caller
}
