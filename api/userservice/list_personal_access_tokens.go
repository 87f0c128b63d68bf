package userservice

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/signet-iam/signet/api/call"
	filterv2 "github.com/signet-iam/signet/api/gen/signet/filter/v2"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	"github.com/signet-iam/signet/query"
	queries "github.com/signet-iam/signet/query/user"
)

// ListPersonalAccessTokens returns a page of the personal access tokens that the caller may read.
func (s *Service) ListPersonalAccessTokens(
	ctx context.Context, r *userv2.ListPersonalAccessTokensRequest,
) (*userv2.ListPersonalAccessTokensResponse, error) {
	c := call.From(ctx)
	request := queries.IssuedRequest{
		Sort: queries.IssuedColumn(r.GetSortingColumn()), Page: object.Page(r.GetPagination()), Consistency: c.Consistency,
	}
	for _, f := range r.GetFilters() {
		request.Filters = append(request.Filters, tokenFilter(f))
	}
	list, err := s.queries.Tokens(ctx, c.Caller, request)
	if err != nil {
		return nil, err
	}
	c.Reflect(list.Position)
	answer := &userv2.ListPersonalAccessTokensResponse{Pagination: object.Paged(list.Total, request.Page)}
	for i := range list.Rows {
		t := &list.Rows[i]
		answer.Result = append(answer.Result, &userv2.PersonalAccessToken{
			CreationDate: timestamppb.New(t.CreatedAt), ChangeDate: timestamppb.New(t.ChangedAt), Id: t.ID, UserId: t.UserID,
			OrganizationId: t.Organization, ExpirationDate: timestamppb.New(t.ExpiresAt),
		})
	}
	return answer, nil
}

func tokenFilter(f *userv2.PersonalAccessTokensSearchFilter) queries.IssuedFilter {
	switch f := f.GetFilter().(type) {
	case *userv2.PersonalAccessTokensSearchFilter_TokenIdFilter:
		return queries.IssuedID(f.TokenIdFilter.GetId())
	case *userv2.PersonalAccessTokensSearchFilter_UserIdFilter:
		return queries.IssuedUser(f.UserIdFilter.GetId())
	case *userv2.PersonalAccessTokensSearchFilter_OrganizationIdFilter:
		return queries.IssuedOrganization(f.OrganizationIdFilter.GetId())
	case *userv2.PersonalAccessTokensSearchFilter_CreatedDateFilter:
		return created(f.CreatedDateFilter)
	case *userv2.PersonalAccessTokensSearchFilter_ExpirationDateFilter:
		return expires(f.ExpirationDateFilter)
	default:
		return nil
	}
}

func created(f *filterv2.TimestampFilter) queries.IssuedFilter {
	return queries.Created{Is: query.Moment(f.GetMethod()), At: f.GetTimestamp().AsTime()}
}

func expires(f *filterv2.TimestampFilter) queries.IssuedFilter {
	return queries.Expires{Is: query.Moment(f.GetMethod()), At: f.GetTimestamp().AsTime()}
}
