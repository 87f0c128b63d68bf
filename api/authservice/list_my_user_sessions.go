package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	"github.com/signet-iam/signet/query"
	sessionqueries "github.com/signet-iam/signet/query/session"
)

// ListMyUserSessions returns the caller's sessions of the user agent that this one is of. One whose user agent is not known stands
// alone, and a caller without a session has none.
//
// Sessions of others on the same user agent are not shown: what agent a session is of is the word of whoever began it.
func (s *Service) ListMyUserSessions(ctx context.Context, _ *authv1.ListMyUserSessionsRequest) (*authv1.ListMyUserSessionsResponse, error) {
	c := call.From(ctx)
	switch {
	case !c.Caller.Authenticated():
		return nil, query.ErrDenied
	case c.Caller.Session == "":
		return &authv1.ListMyUserSessionsResponse{}, nil
	}
	this, err := s.sessionQueries.Get(ctx, c.Caller, sessionqueries.GetRequest{ID: c.Caller.Session, Consistency: c.Consistency})
	if err != nil {
		return nil, err
	}
	c.Reflect(this.Position)
	sessions := []sessionqueries.Session{this}
	if agent := this.Agent.FingerprintID; agent != "" {
		list, err := s.own(ctx, 0, sessionqueries.OfAgent(agent))
		if err != nil {
			return nil, err
		}
		sessions = list.Rows
	}
	holder, err := s.userQueries.Get(ctx, c.Caller, c.Caller.UserID, c.Consistency)
	if err != nil {
		return nil, err
	}
	avatar, answer := s.avatars.Of(holder.ID, holder.Avatar), &authv1.ListMyUserSessionsResponse{}
	for i := range sessions {
		message := s.session(&sessions[i])
		message.AvatarUrl = avatar
		answer.Result = append(answer.Result, message)
	}
	return answer, nil
}

func (s *Service) session(of *sessionqueries.Session) *authv1.Session {
	state := authv1.SessionState_SESSION_STATE_ACTIVE
	if !of.ExpiresAt.IsZero() && !s.now().Before(of.ExpiresAt) {
		state = authv1.SessionState_SESSION_STATE_TERMINATED
	}
	return &authv1.Session{
		SessionId: of.ID, AgentId: of.Agent.FingerprintID, AuthState: state, UserId: of.User.ID, UserName: of.User.LoginName,
		LoginName: of.User.LoginName, DisplayName: of.User.DisplayName, Details: about(of),
	}
}
