package e2e_test

import (
	"context"
	"slices"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"

	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
)

// dial connects grpc-go, which is not our own implementation of the protocol.
func (n *server) dial() *grpc.ClientConn {
	n.t.Helper()
	conn, err := grpc.NewClient(n.address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func withToken(ctx context.Context, token string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
}

// The service answers grpc-go under its own name and under its alias.
func testGRPC(t *testing.T, n *server) {
	conn := n.dial()
	ctx := withToken(t.Context(), n.token())

	for _, service := range []string{"/signet.user.v2.UserService/", "/zitadel.user.v2.UserService/"} {
		var (
			added  userv2.AddHumanUserResponse
			got    userv2.GetUserByIDResponse
			header metadata.MD
		)
		email := service[1:7] + "@example.com"
		if err := conn.Invoke(ctx, service+"AddHumanUser", verified(email), &added, grpc.Header(&header)); err != nil {
			t.Fatalf("%s: add: %v", service, err)
		}
		if len(header.Get("signet-position")) != 1 {
			t.Errorf("%s: headers: %v", service, header)
		}
		if err := conn.Invoke(ctx, service+"GetUserByID", &userv2.GetUserByIDRequest{UserId: added.GetUserId()}, &got); err != nil {
			t.Fatalf("%s: get: %v", service, err)
		}
		if got.GetUser().GetHuman().GetEmail().GetEmail() != email {
			t.Errorf("%s: got %v", service, &got)
		}
		err := conn.Invoke(ctx, service+"GetUserByID", &userv2.GetUserByIDRequest{UserId: "nobody"}, &got)
		if status.Code(err) != codes.NotFound || grpcReason(err) != "USER_NOT_FOUND" {
			t.Errorf("%s: an unknown user: %v, reason %q", service, err, grpcReason(err))
		}
		err = conn.Invoke(t.Context(), service+"GetUserByID", &userv2.GetUserByIDRequest{UserId: added.GetUserId()}, &got)
		if status.Code(err) != codes.Unauthenticated {
			t.Errorf("%s: without a token: %v", service, err)
		}
	}
	err := conn.Invoke(ctx, "/signet.user.v2.UserService/Nothing", &userv2.GetUserByIDRequest{}, &userv2.GetUserByIDResponse{})
	if status.Code(err) != codes.Unimplemented {
		t.Errorf("an unknown RPC: %v", err)
	}
}

func grpcReason(err error) string {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info.GetReason()
		}
	}
	return ""
}

// Health and reflection are what gRPC tools ask first, without a token.
func testGRPCTools(t *testing.T, n *server) {
	conn := n.dial()
	for _, service := range []string{"", "signet.user.v2.UserService", "signet.audit.v1.AuditService"} {
		res, err := healthv1.NewHealthClient(conn).Check(t.Context(), &healthv1.HealthCheckRequest{Service: service})
		if err != nil || res.GetStatus() != healthv1.HealthCheckResponse_SERVING {
			t.Errorf("health of %q: %v, %v", service, res, err)
		}
	}
	stream, err := reflectionv1.NewServerReflectionClient(conn).ServerReflectionInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ask := func(r *reflectionv1.ServerReflectionRequest) *reflectionv1.ServerReflectionResponse {
		t.Helper()
		if err := stream.Send(r); err != nil {
			t.Fatal(err)
		}
		res, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	var services []string
	list := ask(&reflectionv1.ServerReflectionRequest{MessageRequest: &reflectionv1.ServerReflectionRequest_ListServices{}})
	for _, service := range list.GetListServicesResponse().GetService() {
		services = append(services, service.GetName())
	}
	for _, name := range []string{"signet.user.v2.UserService", "signet.audit.v1.AuditService", "signet.inbox.v1.InboxService"} {
		if !slices.Contains(services, name) {
			t.Errorf("reflection lists %v, not %s", services, name)
		}
	}
	answer := ask(&reflectionv1.ServerReflectionRequest{MessageRequest: &reflectionv1.ServerReflectionRequest_FileContainingSymbol{
		FileContainingSymbol: "signet.user.v2.UserService",
	}})
	files := answer.GetFileDescriptorResponse().GetFileDescriptorProto()
	if len(files) == 0 {
		t.Fatalf("no file: %v", answer)
	}
	var file descriptorpb.FileDescriptorProto
	if err := proto.Unmarshal(files[0], &file); err != nil || len(file.GetService()) != 1 || len(file.GetService()[0].GetMethod()) != 60 {
		t.Errorf("file %s: %v", file.GetName(), err)
	}
}
