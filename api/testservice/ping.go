package testservice

import (
	"context"

	testv1 "github.com/signet-iam/signet/api/gen/signet/test/v1"
	"github.com/signet-iam/signet/api/gen/signet/test/v1/testv1connect"
)

// NoAuth answers everybody.
type NoAuth struct {
	testv1connect.UnimplementedTestNoAuthServiceHandler
}

// Ping answers.
func (NoAuth) Ping(context.Context, *testv1.PingRequest) (*testv1.PingResponse, error) {
	return &testv1.PingResponse{}, nil
}
