package session

import (
	"context"

	"github.com/signet-iam/signet/command/permission"
)

// operation names a command; it is the name of the method that runs it.
type operation string

const (
	opCreate     operation = "Create"
	opSet        operation = "Set"
	opDelete     operation = "Delete"
	opCheckToken operation = "CheckToken"
	opLogout     operation = "Logout"
	opRefresh    operation = "Refresh"
	opBegin      operation = "Begin"

	opRefreshTokens       operation = "RefreshTokens"
	opRevokeRefreshToken  operation = "RevokeRefreshToken"
	opRevokeRefreshTokens operation = "RevokeRefreshTokens"
)

// rule says who may run a command.
type rule struct {
	needs   permission.Permission // on the organization of the session's user; empty: no permission helps
	token   bool                  // whoever has the session's token
	user    bool                  // the user the session is about
	creator bool                  // the user who began it
	// refresh opens the command to whoever has the session's refresh token.
	refresh bool
	// own opens the command to everybody, for the session they are signed in by.
	own bool
	// internal commands are not for callers: what they need was judged by who runs them.
	internal bool
}

// rules is the one place that says who may do what to sessions. A command that does not stand here is denied to everybody.
func rules(op operation) (rule, bool) {
	switch op {
	case opCreate:
		// Users may begin sessions about themselves, but not by a name alone.
		return rule{needs: permission.SessionWrite, user: true}, true
	case opSet:
		return rule{needs: permission.SessionWrite, token: true}, true
	case opDelete:
		return rule{needs: permission.SessionDelete, token: true, user: true, creator: true}, true
	case opRefreshTokens, opRevokeRefreshToken, opRevokeRefreshTokens:
		return rule{user: true}, true
	case opCheckToken:
		return rule{token: true}, true
	case opLogout:
		return rule{own: true}, true
	case opRefresh:
		return rule{refresh: true}, true
	case opBegin:
		return rule{internal: true}, true
	}
	return rule{}, false
}

// guard is the check of one run of a command on a session that may be there.
type guard struct {
	rule
	caller *permission.Caller
	digest []byte // of the token the caller has shown, nil for none
}

// guard looks the rule up. Its refusal is that of a caller who is nobody.
func (s *Service) guard(ctx context.Context, op operation, caller *permission.Caller, token string) (guard, error) {
	if !caller.Authenticated() {
		return guard{}, permission.ErrUnauthenticated
	}
	r, _ := rules(op)
	g := guard{rule: r, caller: caller}
	if !r.token || token == "" {
		return g, nil
	}
	var err error
	g.digest, err = TokenDigest(ctx, s.rt.Vault, caller.Tenant, token)
	return g, err
}

// check refuses callers who may not run the command. A token that is not the session's, or whose session is over, is none.
func (s *Service) check(ctx context.Context, g guard, state *State) error {
	switch {
	case g.needs != "" && g.caller.May(g.needs, state.Organization):
		return nil
	case g.user && g.caller.Is(state.UserID), g.creator && g.caller.Is(state.CreatorID):
		return nil
	case !g.token || !state.HasToken(g.digest) || !state.running(s.rt.Now()):
		return permission.ErrDenied
	case state.UserID == "":
		return nil
	}
	u, err := s.userStates.Load(ctx, g.caller.Tenant, state.UserID)
	if err != nil {
		return err
	}
	if state.voided(&u.State, s.rt.Now()) {
		return permission.ErrDenied
	}
	return nil
}
