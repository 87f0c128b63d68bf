package sessionservice

import (
	"cmp"
	"context"

	"github.com/signet-iam/signet/api/call"
	sessionv2 "github.com/signet-iam/signet/api/gen/signet/session/v2"
	"github.com/signet-iam/signet/api/object"
	"github.com/signet-iam/signet/query"
	queries "github.com/signet-iam/signet/query/session"
)

// ListSessions returns a page of sessions.
func (s *Service) ListSessions(ctx context.Context, r *sessionv2.ListSessionsRequest) (*sessionv2.ListSessionsResponse, error) {
	c := call.From(ctx)
	list, err := s.queries.List(ctx, c.Caller, queries.ListRequest{
		Filters:     filters(c.Caller, r.GetQueries()),
		Sort:        column(r.GetSortingColumn()),
		Page:        object.Page(r.GetQuery()),
		Consistency: c.Consistency,
	})
	if err != nil {
		return nil, err
	}
	c.Reflect(list.Position)
	answer := &sessionv2.ListSessionsResponse{
		Details:  object.Listed(list.Total, list.Reflected),
		Sessions: make([]*sessionv2.Session, len(list.Rows)),
	}
	for i := range list.Rows {
		answer.Sessions[i] = message(&list.Rows[i])
	}
	return answer, nil
}

func column(name sessionv2.SessionFieldName) queries.Column {
	if name == sessionv2.SessionFieldName_SESSION_FIELD_NAME_CREATION_DATE {
		return queries.ByCreation
	}
	return queries.ByID // also for a column of a newer client
}

// filters translates conditions; nil stands for one that the message leaves open.
func filters(viewer query.Viewer, qs []*sessionv2.SearchQuery) []queries.Filter {
	out := make([]queries.Filter, len(qs))
	for i, q := range qs {
		out[i] = filter(viewer, q)
	}
	return out
}

func filter(viewer query.Viewer, q *sessionv2.SearchQuery) queries.Filter {
	switch q := q.GetQuery().(type) {
	case *sessionv2.SearchQuery_IdsQuery:
		return queries.InIDs(q.IdsQuery.GetIds())
	case *sessionv2.SearchQuery_UserIdQuery:
		return queries.OfUser(q.UserIdQuery.GetId())
	case *sessionv2.SearchQuery_CreationDateQuery:
		if f := q.CreationDateQuery; f.GetCreationDate() != nil {
			return queries.Created{Is: query.Moment(f.GetMethod()), At: f.GetCreationDate().AsTime()}
		}
	case *sessionv2.SearchQuery_CreatorQuery:
		return queries.BegunBy(cmp.Or(q.CreatorQuery.GetId(), viewer.SubjectID()))
	case *sessionv2.SearchQuery_UserAgentQuery:
		return queries.OfAgent(q.UserAgentQuery.GetFingerprintId())
	case *sessionv2.SearchQuery_ExpirationDateQuery:
		if f := q.ExpirationDateQuery; f.GetExpirationDate() != nil {
			return queries.Expires{Is: query.Moment(f.GetMethod()), At: f.GetExpirationDate().AsTime()}
		}
	}
	return nil
}
