package testservice

import (
	"context"

	testv1 "github.com/signet-iam/signet/api/gen/signet/test/v1"
	"github.com/signet-iam/signet/api/gen/signet/test/v1/testv1connect"
)

// Auth answers callers who are somebody.
type Auth struct {
	testv1connect.UnimplementedTestAuthServiceHandler
}

// Pong answers.
func (Auth) Pong(context.Context, *testv1.PongRequest) (*testv1.PongResponse, error) {
	return &testv1.PongResponse{}, nil
}
