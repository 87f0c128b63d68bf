package signin

import (
	"context"

	"github.com/signet-iam/signet/command/accesstoken"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/session"
)

// LoginToken begins a session for a caller who came with a personal access token. The session is good as long as the token is.
// A session token is made, too.
//
// Errors: permission.ErrUnauthenticated; ErrNoToken; what is unavailable.
func (s *Service) LoginToken(ctx context.Context, caller *permission.Caller) (SignedIn, error) {
	switch {
	case !caller.Authenticated():
		return SignedIn{}, permission.ErrUnauthenticated
	case caller.TokenID == "":
		return SignedIn{}, ErrNoToken
	}
	// The caller may have been authenticated a while ago.
	known, err := s.states.Load(ctx, s.tenant, caller.UserID)
	if err != nil {
		return SignedIn{}, err
	}
	if _, good := known.State.TokenByID(caller.TokenID, s.rt.Now()); !good || !known.State.CanSignIn() {
		return SignedIn{}, permission.ErrUnauthenticated
	}
	return s.begin(ctx, session.Begin{
		UserID: caller.UserID, Organization: known.State.Organization, UserVersion: known.Version,
		Proof: session.ByToken, TokenID: caller.TokenID, SessionToken: true,
	})
}

// Refresh exchanges a refresh token for a new pair; of SignedIn only the tokens and the ids are set.
func (s *Service) Refresh(ctx context.Context, refreshToken string) (SignedIn, error) {
	next, err := s.sessions.Refresh(ctx, s.tenant, refreshToken)
	if err != nil {
		return SignedIn{}, err
	}
	token, err := s.tokens.Issue(ctx, accesstoken.Subject{UserID: next.UserID, SessionID: next.ID})
	if err != nil {
		return SignedIn{}, err
	}
	return SignedIn{
		User: Profile{ID: next.UserID}, SessionID: next.ID, AccessToken: token.Value, RefreshToken: next.RefreshToken,
	}, nil
}

// Access makes a new access token for the session whose token the caller has shown. An access token does not renew itself: whoever got
// hold of one would stay.
func (s *Service) Access(ctx context.Context, caller *permission.Caller) (string, error) {
	if err := inSession(caller); err != nil {
		return "", err
	}
	if caller.Brief {
		return "", ErrNotRenewed
	}
	token, err := s.tokens.Issue(ctx, accesstoken.Subject{UserID: caller.UserID, SessionID: caller.Session})
	if err != nil {
		return "", err
	}
	return token.Value, nil
}
