package userservice

import (
	"sync"

	"github.com/signet-iam/signet/api/avatar"
	"github.com/signet-iam/signet/api/gen/signet/user/v2/userv2connect"
	"github.com/signet-iam/signet/command/intent"
	commands "github.com/signet-iam/signet/command/user"
	queries "github.com/signet-iam/signet/query/user"
)

// Service implements the user API.
type Service struct {
	userv2connect.UnimplementedUserServiceHandler

	commands *commands.Service
	intents  *intent.Service
	queries  *queries.Queries
	avatars  avatar.Addresses
	pages    sync.Pool // of *memory
}

// New returns the service on top of its commands and queries.
func New(c *commands.Service, i *intent.Service, q *queries.Queries, a avatar.Addresses) *Service {
	return &Service{commands: c, intents: i, queries: q, avatars: a, pages: sync.Pool{New: func() any { return new(memory) }}}
}
