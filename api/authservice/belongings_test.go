package authservice_test

import (
	"fmt"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/signet-iam/signet/api/authservice"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/eventstore/failure"
	"github.com/signet-iam/signet/query"
	queries "github.com/signet-iam/signet/query/user"
)

// tooMany is a page that no list has, and errLimit what is said to that.
func tooMany() *authv1.ListQuery { return &authv1.ListQuery{Limit: query.MaxLimit + 1} }

func errLimit() error { return failure.New(failure.InvalidArgument, "LIMIT_EXCEEDED", "") }

func linked() []errand {
	list := func(q *authv1.ListQuery) deed {
		return ask((*authservice.Service).ListMyLinkedIDPs, &authv1.ListMyLinkedIDPsRequest{Query: q})
	}
	remove := ask((*authservice.Service).RemoveMyLinkedIDP, &authv1.RemoveMyLinkedIDPRequest{IdpId: "p", LinkedUserId: "e"})
	having := []proto.Message{&eventv1.UserIDPLinked{ProviderId: "p", ExternalId: "e", Username: "ada"}}
	return []errand{
		{rpc: "ListMyLinkedIDPs", when: list(nil)},
		{rpc: "ListMyLinkedIDPs", name: "too many", when: list(tooMany()), fails: errLimit()},
		{rpc: "RemoveMyLinkedIDP", given: having, when: remove},
		{rpc: "RemoveMyLinkedIDP", name: "of none", when: remove, fails: user.ErrLinkNotFound},
	}
}

func metadata() []errand {
	having := []proto.Message{&eventv1.UserMetadataSet{Key: "a", Value: []byte("x")}, &eventv1.UserMetadataSet{Key: "b", Value: []byte("y")}}
	list := func(q *authv1.ListQuery) deed {
		return ask((*authservice.Service).ListMyMetadata, &authv1.ListMyMetadataRequest{Query: q})
	}
	get := func(key string) deed {
		return ask((*authservice.Service).GetMyMetadata, &authv1.GetMyMetadataRequest{Key: key})
	}
	set := func(key string) deed {
		return ask((*authservice.Service).SetMyMetadata, &authv1.SetMyMetadataRequest{Key: key, Value: []byte("x")})
	}
	setAll := func(keys ...string) deed {
		r := &authv1.BulkSetMyMetadataRequest{}
		for _, key := range keys {
			r.Metadata = append(r.Metadata, &authv1.BulkSetMyMetadataRequest_Metadata{Key: key, Value: []byte("x")})
		}
		return ask((*authservice.Service).BulkSetMyMetadata, r)
	}
	remove := func(key string) deed {
		return ask((*authservice.Service).RemoveMyMetadata, &authv1.RemoveMyMetadataRequest{Key: key})
	}
	removeAll := func(keys ...string) deed {
		return ask((*authservice.Service).BulkRemoveMyMetadata, &authv1.BulkRemoveMyMetadataRequest{Keys: keys})
	}
	return []errand{
		{rpc: "ListMyMetadata", given: having, when: list(nil)},
		{rpc: "ListMyMetadata", name: "too many", when: list(tooMany()), fails: errLimit()},
		{rpc: "GetMyMetadata", given: having, when: get("b")},
		{rpc: "GetMyMetadata", name: "in another case", given: having, when: get("B"), fails: queries.ErrMetadataNotFound},
		{rpc: "SetMyMetadata", when: set("a")},
		{rpc: "SetMyMetadata", name: "of a machine", machine: true, when: set("a")},
		{rpc: "SetMyMetadata", name: "under a blank", when: set(" "), fails: user.ErrMetadataKeyEmpty},
		{rpc: "BulkSetMyMetadata", when: setAll("a", "b")},
		{rpc: "BulkSetMyMetadata", name: "nothing", when: setAll(), fails: user.ErrMetadataEmpty},
		{rpc: "BulkSetMyMetadata", name: "twice", when: setAll("a", "a"), fails: user.ErrMetadataKey},
		{rpc: "RemoveMyMetadata", given: having, when: remove("a")},
		{rpc: "RemoveMyMetadata", name: "of none", given: having, when: remove("c"), fails: user.ErrMetadataKeyNotFound},
		{rpc: "BulkRemoveMyMetadata", given: having, when: removeAll("a", "b")},
		{rpc: "BulkRemoveMyMetadata", name: "one of which is none", given: having, when: removeAll("a", "c"), fails: user.ErrMetadataKeyNotFound},
	}
}

// Links say what the provider is called now, also right after it was renamed.
func TestLinkedIDPs(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	ctx := n.person(t, "ada")
	other := n.person(t, "other")
	n.offered(t, "p", &eventv1.IDPAdded{OrganizationId: organization, Provider: &eventv1.IdentityProvider{Name: "Castle", Oidc: &eventv1.OIDCProvider{}}})
	n.offered(t, "q", &eventv1.IDPAdded{OrganizationId: organization, Provider: &eventv1.IdentityProvider{Name: "Directory", Ldap: &eventv1.LDAPProvider{}}})
	n.given(t, "ada",
		&eventv1.UserIDPLinked{ProviderId: "p", ExternalId: "e1", Username: "ada"},
		&eventv1.UserIDPLinked{ProviderId: "q", ExternalId: "e2", Username: "al"},
	)
	list := func(q *authv1.ListQuery) (names []string) {
		t.Helper()
		found, err := n.ListMyLinkedIDPs(ctx, &authv1.ListMyLinkedIDPsRequest{Query: q})
		must(t, err)
		if found.GetDetails().GetTotalResult() != 2 || found.GetDetails().GetProcessedSequence() == 0 || found.GetDetails().GetViewTimestamp() == nil {
			t.Errorf("details %v", found.GetDetails())
		}
		for _, l := range found.GetResult() {
			names = append(names, fmt.Sprint(l.GetUserId(), l.GetIdpId(), l.GetIdpName(), l.GetIdpType(), l.GetProvidedUserId(), l.GetProvidedUserName()))
		}
		return names
	}
	castle, directory := "adapCastleIDP_TYPE_OIDCe1ada", "adaqDirectoryIDP_TYPE_UNSPECIFIEDe2al"
	if got := list(nil); !slices.Equal(got, []string{directory, castle}) {
		t.Errorf("all: %q", got)
	}
	if got := list(&authv1.ListQuery{Asc: true, Limit: 1}); !slices.Equal(got, []string{castle}) {
		t.Errorf("the first: %q", got)
	}
	for i := range 20 {
		name := fmt.Sprintf("Castle %d", i)
		n.offered(t, "p", &eventv1.IDPChanged{Provider: &eventv1.IdentityProvider{Name: name, Oidc: &eventv1.OIDCProvider{}}})
		if got := list(&authv1.ListQuery{Asc: true, Limit: 1}); !slices.Equal(got, []string{"adap" + name + "IDP_TYPE_OIDCe1ada"}) {
			t.Fatalf("renamed to %s: %q", name, got)
		}
	}
	n.offered(t, "q", &eventv1.IDPRemoved{})
	if got := list(&authv1.ListQuery{Limit: 1}); !slices.Equal(got, []string{"adaqIDP_TYPE_UNSPECIFIEDe2al"}) {
		t.Errorf("removed: %q", got)
	}
	if found, err := n.ListMyLinkedIDPs(other, &authv1.ListMyLinkedIDPsRequest{}); err != nil || len(found.GetResult()) != 0 {
		t.Errorf("somebody else: %v, %v", found, err)
	}
}

// What was kept is read at once, as it was kept, by nobody but its owner.
func TestMetadata(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	ctx, other := n.person(t, "ada"), n.person(t, "other")
	for i := range 20 {
		value := []byte{0, byte(i), 0xff}
		_, err := n.SetMyMetadata(ctx, &authv1.SetMyMetadataRequest{Key: fmt.Sprintf("k%d", i), Value: value})
		must(t, err)
		found, err := n.GetMyMetadata(ctx, &authv1.GetMyMetadataRequest{Key: fmt.Sprintf("k%d", i)})
		must(t, err)
		d := found.GetMetadata().GetDetails()
		if !slices.Equal(found.GetMetadata().GetValue(), value) || d.GetCreationDate() == nil || d.GetChangeDate() == nil || d.GetResourceOwner() != organization || d.GetSequence() == 0 {
			t.Fatalf("found %v", found)
		}
	}
	list, err := n.ListMyMetadata(ctx, &authv1.ListMyMetadataRequest{
		Query: &authv1.ListQuery{Offset: 1, Limit: 2, Asc: true},
		Queries: []*authv1.MetadataQuery{{Query: &authv1.MetadataQuery_KeyQuery{KeyQuery: &authv1.MetadataKeyQuery{
			Key: "K1", Method: authv1.TextQueryMethod_TEXT_QUERY_METHOD_STARTS_WITH_IGNORE_CASE,
		}}}},
	})
	must(t, err)
	if r := list.GetResult(); list.GetDetails().GetTotalResult() != 11 || len(r) != 2 || r[0].GetKey() != "k10" || r[1].GetKey() != "k11" {
		t.Errorf("list %v", list)
	}
	if list, err := n.ListMyMetadata(other, &authv1.ListMyMetadataRequest{}); err != nil || len(list.GetResult()) != 0 {
		t.Errorf("somebody else: %v, %v", list, err)
	}
}
