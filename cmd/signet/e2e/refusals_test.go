package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"connectrpc.com/connect"

	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
)

func testUnknownUsers(t *testing.T, on *target) {
	for _, m := range served() {
		if !aboutUser(m) {
			continue
		}
		on.each(t, "a user that never was", m, valid(m, "nobody"), func(what string, got answer, err error) {
			wantAnswer(t, what, got, err, behaviours()[string(m.Name())].unknown)
		})
	}
}

func testDeletedUsers(t *testing.T, on *target) {
	admin := on.client(on.token())
	id := admin.add(t, verified("deleted@example.com"))
	if _, err := admin.users.DeleteUser(t.Context(), &userv2.DeleteUserRequest{UserId: id}); err != nil {
		t.Fatal(err)
	}
	for _, m := range served() {
		if !aboutUser(m) {
			continue
		}
		on.each(t, "a user that is no more", m, valid(m, id), func(what string, got answer, err error) {
			wantAnswer(t, what, got, err, behaviours()[string(m.Name())].deleted)
		})
	}
	listed, err := admin.users.ListUsers(t.Context(), byEmail("deleted@example.com"))
	if err != nil || len(listed.GetResult()) != 0 {
		t.Errorf("list: %v, %v", listed, err)
	}
}

// Without a valid token nothing of a request is looked at, not even whether it is one.
func testTokens(t *testing.T, on *target) {
	token := on.token()
	list := userv2.File_signet_user_v2_user_service_proto.Services().Get(0).Methods().ByName("ListUsers")
	flipped := token[:len(token)-1] + map[bool]string{true: "B", false: "A"}[strings.HasSuffix(token, "A")]
	for name, authorization := range map[string][]string{
		"absent":           nil,
		"empty":            {""},
		"no scheme":        {token},
		"another scheme":   {"Basic " + token},
		"only a scheme":    {"Bearer"},
		"an empty token":   {"Bearer "},
		"a broken token":   {"Bearer " + token[:len(token)/2]},
		"a changed token":  {"Bearer " + flipped},
		"another token":    {"Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9."},
		"a long token":     {"Bearer " + strings.Repeat("x", 5000)},
		"two tokens":       {"Bearer " + token + " " + token},
		"a token in lower": {"Bearer " + strings.ToLower(token)},
	} {
		for _, m := range served() {
			if open(m) {
				continue
			}
			for _, d := range on.doorsOf(m) {
				got, err := d.send(t.Context(), m, valid(m, "admin"), authorization)
				wantAnswer(t, fmt.Sprintf("%s over %s: the token is %s", m.Name(), d.name, name), got, err, connect.CodeUnauthenticated)
			}
		}
		got, err := post(t.Context(), httpClient(t, "", false), on.url()+procedure(list), "application/json", []byte("{"), authorization)
		wantAnswer(t, "no request and a token that is "+name, got, err, connect.CodeUnauthenticated)
	}
	got, err := on.doors[0].send(t.Context(), list, valid(list, "admin"), []string{"bearer  " + token})
	wantAnswer(t, "the scheme in lower case", got, err, 0)
}

// Conditions may nest, but not without end.
func testNesting(t *testing.T, on *target) {
	m := userv2.File_signet_user_v2_user_service_proto.Services().Get(0).Methods().ByName("ListUsers")
	nested := func(depth int) *userv2.ListUsersRequest {
		q := byEmail("a@example.com").GetQueries()[0]
		for range depth {
			q = &userv2.SearchQuery{Query: &userv2.SearchQuery_NotQuery{NotQuery: &userv2.NotQuery{Query: q}}}
		}
		return &userv2.ListUsersRequest{Queries: []*userv2.SearchQuery{q}}
	}
	wide := &userv2.ListUsersRequest{}
	for range 1000 {
		wide.Queries = append(wide.Queries, byEmail("a@example.com").GetQueries()...)
	}
	for _, c := range []struct {
		name    string
		request *userv2.ListUsersRequest
		want    connect.Code
	}{
		{"a few levels", nested(10), 0},
		{"many levels", nested(40), connect.CodeInvalidArgument},
		{"very many levels", nested(1000), connect.CodeInvalidArgument},
		{"many conditions", wide, connect.CodeInvalidArgument},
		{"a negation of nothing", &userv2.ListUsersRequest{Queries: []*userv2.SearchQuery{
			{Query: &userv2.SearchQuery_NotQuery{NotQuery: &userv2.NotQuery{}}},
		}}, connect.CodeInvalidArgument},
	} {
		on.each(t, c.name, m, c.request, func(what string, got answer, err error) { wantAnswer(t, what, got, err, c.want) })
	}
}

// What is no RPC at all has the answers of HTTP, and REST errors are JSON also there.
func testHTTP(t *testing.T, on *target) {
	c := httpClient(t, on.token(), false)
	for _, r := range []struct {
		verb, path, kind string
		want             int
	}{
		{"GET", "/nothing", "", http.StatusNotFound},
		{"GET", "/v2/nothing", "", http.StatusNotFound},
		{"PATCH", "/v2/users", "application/json", http.StatusMethodNotAllowed},
		{"POST", "/v2/users", "text/plain", http.StatusUnsupportedMediaType},
		{"POST", "/v2/users/human", "application/xml", http.StatusUnsupportedMediaType},
		{"POST", "/signet.user.v2.UserService/ListUsers", "text/plain", http.StatusUnsupportedMediaType},
		{"GET", "/signet.user.v2.UserService/ListUsers", "", http.StatusMethodNotAllowed},
		{"POST", "/signet.user.v2.UserService/Nothing", "application/json", http.StatusNotFound},
		{"POST", "/signet.user.v1.UserService/ListUsers", "application/json", http.StatusNotFound},
		{"GET", "/healthz", "", http.StatusOK},
		{"GET", "/readyz", "", http.StatusOK},
		{"GET", "/metrics", "", http.StatusOK},
		{"GET", "/inbox", "", http.StatusOK},
	} {
		body := strings.NewReader("{}")
		request, err := http.NewRequest(r.verb, on.url()+r.path, body)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", r.kind)
		res, err := c.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != r.want {
			t.Errorf("%s %s (%s): %d expected, got %s", r.verb, r.path, r.kind, r.want, res.Status)
		}
	}
}
