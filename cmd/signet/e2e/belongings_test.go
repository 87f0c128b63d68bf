package e2e_test

import (
	"slices"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	filterv2 "github.com/signet-iam/signet/api/gen/signet/filter/v2"
	metadatav2 "github.com/signet-iam/signet/api/gen/signet/metadata/v2"
	objectv2 "github.com/signet-iam/signet/api/gen/signet/object/v2"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
)

// What a person has set up shows at once in every list of it.
func TestListsOfWhatAPersonHas(t *testing.T) {
	t.Parallel()
	n := start(t, settings{})
	ctx, users := t.Context(), n.admin().users
	added, err := users.AddHumanUser(ctx, &userv2.AddHumanUserRequest{
		Profile:  &userv2.SetHumanProfile{GivenName: "Ada", FamilyName: "Lovelace"},
		Email:    &userv2.SetHumanEmail{Email: "ada@example.com", Verification: &userv2.SetHumanEmail_IsVerified{IsVerified: true}},
		Metadata: []*userv2.SetMetadataEntry{{Key: "first", Value: []byte("1")}, {Key: "second", Value: []byte("2")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	id := added.GetUserId()
	if _, err := users.HumanMFAInitSkipped(ctx, &userv2.HumanMFAInitSkippedRequest{UserId: id}); err != nil {
		t.Fatal(err)
	}
	shown, err := users.GetUserByID(ctx, &userv2.GetUserByIDRequest{UserId: id})
	if err != nil || shown.GetUser().GetHuman().GetMfaInitSkipped() == nil {
		t.Errorf("put off: %v, %v", shown, err)
	}
	if _, err := users.AddOTPEmail(ctx, &userv2.AddOTPEmailRequest{UserId: id}); err != nil {
		t.Fatal(err)
	}
	if _, err := users.RegisterTOTP(ctx, &userv2.RegisterTOTPRequest{UserId: id}); err != nil {
		t.Fatal(err)
	}

	factors, err := users.ListAuthenticationFactors(ctx, &userv2.ListAuthenticationFactorsRequest{UserId: id})
	if err != nil || len(factors.GetResult()) != 1 || factors.GetResult()[0].GetOtpEmail() == nil {
		t.Errorf("factors: %v, %v", factors, err)
	}
	factors, err = users.ListAuthenticationFactors(ctx, &userv2.ListAuthenticationFactorsRequest{
		UserId: id, AuthFactors: []userv2.AuthFactors{userv2.AuthFactors_OTP}, States: []userv2.AuthFactorState{userv2.AuthFactorState_AUTH_FACTOR_STATE_NOT_READY},
	})
	if err != nil || len(factors.GetResult()) != 1 || factors.GetResult()[0].GetOtp() == nil {
		t.Errorf("unfinished factors: %v, %v", factors, err)
	}
	methods, err := users.ListAuthenticationMethodTypes(ctx, &userv2.ListAuthenticationMethodTypesRequest{UserId: id})
	want := []userv2.AuthenticationMethodType{userv2.AuthenticationMethodType_AUTHENTICATION_METHOD_TYPE_OTP_EMAIL}
	if err != nil || !slices.Equal(methods.GetAuthMethodTypes(), want) || methods.GetDetails().GetTotalResult() != 1 {
		t.Errorf("methods: %v, %v", methods, err)
	}
	passkeys, err := users.ListPasskeys(ctx, &userv2.ListPasskeysRequest{UserId: id})
	if err != nil || len(passkeys.GetResult()) != 0 || passkeys.GetDetails() == nil {
		t.Errorf("passkeys: %v, %v", passkeys, err)
	}
	links, err := users.ListIDPLinks(ctx, &userv2.ListIDPLinksRequest{UserId: id, Query: &objectv2.ListQuery{Limit: 10}})
	if err != nil || len(links.GetResult()) != 0 || links.GetDetails() == nil {
		t.Errorf("links: %v, %v", links, err)
	}
	metadata, err := users.ListUserMetadata(ctx, &userv2.ListUserMetadataRequest{
		UserId: id, Pagination: &filterv2.PaginationRequest{Limit: 1, Asc: true},
		Filters: []*metadatav2.MetadataSearchFilter{{Filter: &metadatav2.MetadataSearchFilter_KeyFilter{KeyFilter: &metadatav2.MetadataKeyFilter{
			Key: "S", Method: filterv2.TextFilterMethod_TEXT_FILTER_METHOD_CONTAINS_IGNORE_CASE,
		}}}},
	})
	if err != nil || len(metadata.GetMetadata()) != 1 || metadata.GetMetadata()[0].GetKey() != "first" || metadata.GetPagination().GetTotalResult() != 2 {
		t.Errorf("metadata: %v, %v", metadata, err)
	}
}

// Keys and tokens are listed over all machines that a caller may read.
func TestListsOfKeysAndTokens(t *testing.T) {
	t.Parallel()
	n := start(t, settings{})
	ctx, users := t.Context(), n.admin().users
	admin, err := users.GetUserByID(ctx, &userv2.GetUserByIDRequest{UserId: "admin"})
	if err != nil {
		t.Fatal(err)
	}
	machine := func(name string) (id, token string) {
		made, err := users.CreateUser(ctx, &userv2.CreateUserRequest{
			OrganizationId: admin.GetUser().GetDetails().GetResourceOwner(),
			UserType:       &userv2.CreateUserRequest_Machine_{Machine: &userv2.CreateUserRequest_Machine{Name: name}},
		})
		if err != nil {
			t.Fatal(err)
		}
		end := timestamppb.New(time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC))
		issued, err := users.AddPersonalAccessToken(ctx, &userv2.AddPersonalAccessTokenRequest{UserId: made.GetId(), ExpirationDate: end})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := users.AddKey(ctx, &userv2.AddKeyRequest{UserId: made.GetId(), ExpirationDate: end}); err != nil {
			t.Fatal(err)
		}
		return made.GetId(), issued.GetToken()
	}
	one, token := machine("one")
	two, _ := machine("two")

	keys, err := users.ListKeys(ctx, &userv2.ListKeysRequest{})
	if err != nil || keys.GetPagination().GetTotalResult() != 2 || keys.GetPagination().GetAppliedLimit() != 100 ||
		keys.GetResult()[0].GetUserId() != two || keys.GetResult()[1].GetUserId() != one {
		t.Errorf("keys: %v, %v", keys, err)
	}
	own, err := n.client(token).users.ListKeys(ctx, &userv2.ListKeysRequest{})
	if err != nil || own.GetPagination().GetTotalResult() != 1 || own.GetResult()[0].GetUserId() != one {
		t.Errorf("own keys: %v, %v", own, err)
	}
	before := &filterv2.TimestampFilter{
		Timestamp: timestamppb.New(time.Date(2101, 1, 1, 0, 0, 0, 0, time.UTC)), Method: filterv2.TimestampFilterMethod_TIMESTAMP_FILTER_METHOD_BEFORE,
	}
	tokens, err := users.ListPersonalAccessTokens(ctx, &userv2.ListPersonalAccessTokensRequest{
		SortingColumn: userv2.PersonalAccessTokenFieldName_PERSONAL_ACCESS_TOKEN_FIELD_NAME_CREATED_DATE.Enum(),
		Pagination:    &filterv2.PaginationRequest{Asc: true, Limit: 1},
		Filters: []*userv2.PersonalAccessTokensSearchFilter{
			{Filter: &userv2.PersonalAccessTokensSearchFilter_ExpirationDateFilter{ExpirationDateFilter: before}},
		},
	})
	if err != nil || tokens.GetPagination().GetTotalResult() != 2 || len(tokens.GetResult()) != 1 || tokens.GetResult()[0].GetUserId() != one {
		t.Errorf("tokens: %v, %v", tokens, err)
	}
	if _, err := users.ListKeys(ctx, &userv2.ListKeysRequest{Pagination: &filterv2.PaginationRequest{Limit: 1001}}); connect.CodeOf(err) != connect.CodeInvalidArgument {
		t.Errorf("a limit above the server's: %v", err)
	}
	_, err = n.client(token).users.ListUserMetadata(ctx, &userv2.ListUserMetadataRequest{UserId: two})
	if connect.CodeOf(err) != connect.CodePermissionDenied {
		t.Errorf("another machine's metadata: %v", err)
	}
}
