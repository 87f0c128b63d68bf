package authservice

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	"github.com/signet-iam/signet/api/object"
	"github.com/signet-iam/signet/query"
	queries "github.com/signet-iam/signet/query/user"
)

// ListMyMetadata returns what is kept with the caller, by the time of its creation.
func (s *Service) ListMyMetadata(ctx context.Context, r *authv1.ListMyMetadataRequest) (*authv1.ListMyMetadataResponse, error) {
	c := call.From(ctx)
	request := queries.MetadataRequest{UserID: c.Caller.SubjectID(), Page: object.Page(r.GetQuery()), Consistency: c.Consistency}
	for _, q := range r.GetQueries() {
		key := q.GetKeyQuery()
		request.Filters = append(request.Filters, queries.KeyIs{Method: query.TextMethod(key.GetMethod()), Value: key.GetKey()})
	}
	list, err := s.userQueries.Metadata(ctx, c.Caller, request)
	if err != nil {
		return nil, err
	}
	c.Reflect(list.Position)
	answer := &authv1.ListMyMetadataResponse{Details: listed(list.Total, list.Reflected)}
	for i := range list.Metadata {
		answer.Result = append(answer.Result, metadata(&list, i))
	}
	return answer, nil
}

// metadata is one entry of a list. Its sequence is that of the account it belongs to.
func metadata(list *queries.MetadataList, i int) *authv1.Metadata {
	m := &list.Metadata[i]
	return &authv1.Metadata{
		Details: &authv1.ObjectDetails{
			Sequence: list.Version, CreationDate: timestamppb.New(m.CreatedAt), ChangeDate: timestamppb.New(m.ChangedAt),
			ResourceOwner: list.Organization,
		},
		Key: m.Key, Value: m.Value,
	}
}
