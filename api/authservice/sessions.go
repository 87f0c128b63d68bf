package authservice

import (
	"context"
	"time"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	"github.com/signet-iam/signet/api/object"
	"github.com/signet-iam/signet/query"
	sessionqueries "github.com/signet-iam/signet/query/session"
)

// about is what a session says about its place in the log.
func about(s *sessionqueries.Session) *authv1.ObjectDetails {
	return &authv1.ObjectDetails{
		Sequence: s.Version, CreationDate: object.Instant(s.CreatedAt), ChangeDate: object.Instant(s.ChangedAt), ResourceOwner: s.User.Organization,
	}
}

// lastProof is when a session's user last proved anything.
func lastProof(s *sessionqueries.Session) time.Time {
	f, last := &s.Factors, s.CreatedAt // machines prove by what no factor shows, as they begin
	for _, at := range [...]time.Time{f.Password, f.WebAuthn, f.Intent, f.TOTP, f.OTPSMS, f.OTPEmail, f.RecoveryCode} {
		if at.After(last) {
			last = at
		}
	}
	return last
}

// own returns a page of the caller's sessions, the newest first.
func (s *Service) own(ctx context.Context, offset uint64, filters ...sessionqueries.Filter) (sessionqueries.List, error) {
	c := call.From(ctx)
	if !c.Caller.Authenticated() {
		return sessionqueries.List{}, query.ErrDenied
	}
	list, err := s.sessionQueries.List(ctx, c.Caller, sessionqueries.ListRequest{
		Filters: append(filters, sessionqueries.OfUser(c.Caller.UserID)), Sort: sessionqueries.ByCreation,
		Page: query.Page{Offset: offset, Limit: query.MaxLimit}, Consistency: c.Consistency,
	})
	c.Reflect(list.Position)
	return list, err
}

// ids returns those of a page.
func ids(list *sessionqueries.List) []string {
	out := make([]string, len(list.Rows))
	for i := range list.Rows {
		out[i] = list.Rows[i].ID
	}
	return out
}
