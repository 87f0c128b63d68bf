package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	filterv2 "github.com/signet-iam/signet/api/gen/signet/filter/v2"
	objectv2 "github.com/signet-iam/signet/api/gen/signet/object/v2"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	"github.com/signet-iam/signet/query"
	queries "github.com/signet-iam/signet/query/user"
)

// ListUsers returns a page of users.
func (s *Service) ListUsers(ctx context.Context, r *userv2.ListUsersRequest) (*userv2.ListUsersResponse, error) {
	c := call.From(ctx)
	m := s.pages.Get().(*memory)
	c.WhenSent(func() { s.pages.Put(m) })
	list, err := s.queries.List(ctx, c.Caller, queries.ListRequest{
		Filters:     filters(r.GetQueries()),
		Sort:        column(r.GetSortingColumn()),
		Page:        object.Page(r.GetQuery()),
		Consistency: c.Consistency,
		Memory:      &m.page,
	})
	if err != nil {
		return nil, err
	}
	c.Reflect(list.Position)
	return &userv2.ListUsersResponse{
		Details:       object.Listed(list.Total, list.Reflected),
		SortingColumn: r.GetSortingColumn(),
		Result:        m.fill(list.Users, s.avatars),
	}, nil
}

func column(name userv2.UserFieldName) queries.Column {
	if name < 0 || name > userv2.UserFieldName_USER_FIELD_NAME_CREATION_DATE {
		return queries.ByID // a column of a newer client
	}
	return queries.Column(name)
}

// filters translates conditions; nil stands for one that the message leaves open.
func filters(qs []*userv2.SearchQuery) []queries.Filter {
	out := make([]queries.Filter, len(qs))
	for i, q := range qs {
		out[i] = filter(q)
	}
	return out
}

func filter(q *userv2.SearchQuery) queries.Filter {
	switch q := q.GetQuery().(type) {
	case *userv2.SearchQuery_StateQuery:
		return queries.StateIs(q.StateQuery.GetState())
	case *userv2.SearchQuery_TypeQuery:
		return queries.KindIs(q.TypeQuery.GetType())
	case *userv2.SearchQuery_InUserIdsQuery:
		return queries.InIDs(q.InUserIdsQuery.GetUserIds())
	case *userv2.SearchQuery_InUserEmailsQuery:
		return queries.InEmails(q.InUserEmailsQuery.GetUserEmails())
	case *userv2.SearchQuery_OrganizationIdQuery:
		return queries.InOrganization(q.OrganizationIdQuery.GetOrganizationId())
	case *userv2.SearchQuery_OrQuery:
		return queries.Or(filters(q.OrQuery.GetQueries()))
	case *userv2.SearchQuery_AndQuery:
		return queries.And(filters(q.AndQuery.GetQueries()))
	case *userv2.SearchQuery_NotQuery:
		return queries.Not{Filter: filter(q.NotQuery.GetQuery())}
	case *userv2.SearchQuery_MetadataKeyFilter:
		f := q.MetadataKeyFilter
		return queries.MetadataKey{Method: query.TextMethod(f.GetMethod()), Value: f.GetKey()}
	case *userv2.SearchQuery_MetadataValueFilter:
		f := q.MetadataValueFilter
		return queries.MetadataValue{Value: string(f.GetValue()), Other: f.GetMethod() == filterv2.ByteFilterMethod_BYTE_FILTER_METHOD_NOT_EQUALS}
	default:
		return textFilter(q)
	}
}

func textFilter(q any) queries.Filter {
	text := func(field queries.Field, value string, method objectv2.TextQueryMethod) queries.Filter {
		return queries.Text{Field: field, Method: query.TextMethod(method), Value: value}
	}
	switch q := q.(type) {
	case *userv2.SearchQuery_UserNameQuery:
		return text(queries.Username, q.UserNameQuery.GetUserName(), q.UserNameQuery.GetMethod())
	case *userv2.SearchQuery_LoginNameQuery:
		return text(queries.LoginName, q.LoginNameQuery.GetLoginName(), q.LoginNameQuery.GetMethod())
	case *userv2.SearchQuery_FirstNameQuery:
		return text(queries.GivenName, q.FirstNameQuery.GetFirstName(), q.FirstNameQuery.GetMethod())
	case *userv2.SearchQuery_LastNameQuery:
		return text(queries.FamilyName, q.LastNameQuery.GetLastName(), q.LastNameQuery.GetMethod())
	case *userv2.SearchQuery_NickNameQuery:
		return text(queries.NickName, q.NickNameQuery.GetNickName(), q.NickNameQuery.GetMethod())
	case *userv2.SearchQuery_DisplayNameQuery:
		return text(queries.DisplayName, q.DisplayNameQuery.GetDisplayName(), q.DisplayNameQuery.GetMethod())
	case *userv2.SearchQuery_EmailQuery:
		return text(queries.Email, q.EmailQuery.GetEmailAddress(), q.EmailQuery.GetMethod())
	case *userv2.SearchQuery_PhoneQuery:
		return text(queries.Phone, q.PhoneQuery.GetNumber(), q.PhoneQuery.GetMethod())
	default:
		return nil
	}
}
