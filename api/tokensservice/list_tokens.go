package tokensservice

import (
	"context"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/signet-iam/signet/api/call"
	tokensv1 "github.com/signet-iam/signet/api/gen/signet/tokens/v1"
)

// ListTokens returns the tokens, oldest first, one in each message.
func (s *Service) ListTokens(ctx context.Context, _ *emptypb.Empty, stream *connect.ServerStream[tokensv1.ListTokensResponse]) error {
	c := call.From(ctx)
	list, err := s.queries.TokensOf(ctx, c.Caller, c.Caller.SubjectID(), c.Consistency)
	if err != nil {
		return err
	}
	c.Reflect(list.Position)
	for i := range list.Tokens {
		token := &list.Tokens[i]
		err := stream.Send(&tokensv1.ListTokensResponse{
			TokenUuid: uuid(token.ID), TokenMetadata: metadata(token), TokenPermissions: &tokensv1.TokenPermissions{},
		})
		if err != nil {
			return err
		}
	}
	return nil
}
