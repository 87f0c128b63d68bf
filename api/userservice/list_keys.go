package userservice

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	queries "github.com/signet-iam/signet/query/user"
)

// ListKeys returns a page of the keys of machines that the caller may read.
func (s *Service) ListKeys(ctx context.Context, r *userv2.ListKeysRequest) (*userv2.ListKeysResponse, error) {
	c := call.From(ctx)
	request := queries.IssuedRequest{
		Sort: queries.IssuedColumn(r.GetSortingColumn()), Page: object.Page(r.GetPagination()), Consistency: c.Consistency,
	}
	for _, f := range r.GetFilters() {
		request.Filters = append(request.Filters, keyFilter(f))
	}
	list, err := s.queries.Keys(ctx, c.Caller, request)
	if err != nil {
		return nil, err
	}
	c.Reflect(list.Position)
	answer := &userv2.ListKeysResponse{Pagination: object.Paged(list.Total, request.Page)}
	for i := range list.Rows {
		k := &list.Rows[i]
		answer.Result = append(answer.Result, &userv2.Key{
			CreationDate: timestamppb.New(k.CreatedAt), ChangeDate: timestamppb.New(k.ChangedAt), Id: k.ID, UserId: k.UserID,
			OrganizationId: k.Organization, ExpirationDate: timestamppb.New(k.ExpiresAt),
		})
	}
	return answer, nil
}

func keyFilter(f *userv2.KeysSearchFilter) queries.IssuedFilter {
	switch f := f.GetFilter().(type) {
	case *userv2.KeysSearchFilter_KeyIdFilter:
		return queries.IssuedID(f.KeyIdFilter.GetId())
	case *userv2.KeysSearchFilter_UserIdFilter:
		return queries.IssuedUser(f.UserIdFilter.GetId())
	case *userv2.KeysSearchFilter_OrganizationIdFilter:
		return queries.IssuedOrganization(f.OrganizationIdFilter.GetId())
	case *userv2.KeysSearchFilter_CreatedDateFilter:
		return created(f.CreatedDateFilter)
	case *userv2.KeysSearchFilter_ExpirationDateFilter:
		return expires(f.ExpirationDateFilter)
	default:
		return nil
	}
}
