package userservice

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/signet-iam/signet/api/call"
	metadatav2 "github.com/signet-iam/signet/api/gen/signet/metadata/v2"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	"github.com/signet-iam/signet/query"
	queries "github.com/signet-iam/signet/query/user"
)

// ListUserMetadata returns a page of what is kept with a user.
func (s *Service) ListUserMetadata(ctx context.Context, r *userv2.ListUserMetadataRequest) (*userv2.ListUserMetadataResponse, error) {
	c := call.From(ctx)
	request := queries.MetadataRequest{UserID: r.GetUserId(), Page: object.Page(r.GetPagination()), Consistency: c.Consistency}
	for _, f := range r.GetFilters() {
		key := f.GetKeyFilter()
		request.Filters = append(request.Filters, queries.KeyIs{Method: query.TextMethod(key.GetMethod()), Value: key.GetKey()})
	}
	list, err := s.queries.Metadata(ctx, c.Caller, request)
	if err != nil {
		return nil, err
	}
	c.Reflect(list.Position)
	answer := &userv2.ListUserMetadataResponse{Pagination: object.Paged(list.Total, request.Page)}
	for i := range list.Metadata {
		m := &list.Metadata[i]
		answer.Metadata = append(answer.Metadata, &metadatav2.Metadata{
			CreationDate: timestamppb.New(m.CreatedAt), ChangeDate: timestamppb.New(m.ChangedAt), Key: m.Key, Value: m.Value,
		})
	}
	return answer, nil
}
