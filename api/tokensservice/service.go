package tokensservice

import (
	tokensv1 "github.com/signet-iam/signet/api/gen/signet/tokens/v1"
	"github.com/signet-iam/signet/api/gen/signet/tokens/v1/tokensv1connect"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/user"
	queries "github.com/signet-iam/signet/query/user"
)

// Service implements the API of the own tokens.
type Service struct {
	tokensv1connect.UnimplementedTokensServiceHandler

	commands *commands.Service
	queries  *queries.Queries
}

// New returns the service on top of its commands and queries.
func New(c *commands.Service, q *queries.Queries) *Service {
	return &Service{commands: c, queries: q}
}

func uuid(id string) *tokensv1.TokenUUID { return &tokensv1.TokenUUID{Uuid: id} }

// wanted is what a request says about a token.
func wanted(m *tokensv1.TokenMetadata) commands.NewToken {
	t := commands.NewToken{Name: m.GetName()}
	if m.GetExpiresAt() != nil {
		t.ExpiresAt = m.GetExpiresAt().AsTime()
	}
	return t
}

func metadata(t *queries.Token) *tokensv1.TokenMetadata {
	return &tokensv1.TokenMetadata{Name: t.Name, ExpiresAt: object.Instant(t.ExpiresAt), LastUsedAt: object.Instant(t.LastUsedAt)}
}
