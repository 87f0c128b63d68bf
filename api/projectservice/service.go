package projectservice

import (
	commands "github.com/signet-iam/signet/command/project"
	queries "github.com/signet-iam/signet/query/project"
)

// Service implements the project API.
type Service struct {
	commands *commands.Service
	queries  *queries.Queries
}

// New returns the service on top of its commands and queries.
func New(c *commands.Service, q *queries.Queries) *Service { return &Service{commands: c, queries: q} }
