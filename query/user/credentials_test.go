package user_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/user"
)

// The kinds of credentials in the read model.
const (
	totp = 1 + iota
	u2f
	passkey
	otpSMS
	otpEmail
	link
	key
	token
	recoveryCodes
)

// row is a credential in the read model; zero columns get a value that does.
type row struct {
	kind                      int
	id, name, domain          string
	provider, external        string
	pending                   bool
	organization              string
	created, changed, expires time.Time
	position                  int
}

// give puts credentials into the read model.
func (d *database) give(t testing.TB, id string, rows ...row) {
	t.Helper()
	const insert = `
insert into projection.users_credentials_1 (tenant, user_id, kind, id, organization_id, state, name, domain, provider_id, external_id,
       remaining, position, created_at, changed_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11, $12, $13, $14)`
	for i, r := range rows {
		state := user.CredentialReady
		if r.pending {
			state = user.CredentialNotReady
		}
		if r.organization == "" {
			r.organization = "o1"
		}
		if r.created.IsZero() {
			r.created = time.Date(2026, 5, 1, 0, 0, i, 0, time.UTC)
		}
		if r.changed.IsZero() {
			r.changed = r.created
		}
		if r.position == 0 {
			r.position = i
		}
		if _, err := d.pool.Exec(context.Background(), insert, tenant, id, r.kind, r.id, r.organization, state, r.name, r.domain,
			r.provider, r.external, r.position, r.created, r.changed, timeOrNull(r.expires)); err != nil {
			t.Fatal(err)
		}
	}
}

// keep puts metadata into the read model, each value a second younger than the one before.
func (d *database) keep(t testing.TB, id string, keys ...string) {
	t.Helper()
	for i, key := range keys {
		created := time.Date(2026, 5, 1, 0, 0, i, 0, time.UTC)
		if _, err := d.pool.Exec(context.Background(), `insert into projection.users_metadata_1 values ($1, $2, $3, $4, $5, $6, $7, $8)`,
			tenant, id, key, strings.ToLower(key), []byte("value of "+key), i, created, created.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
}

// ann is a projected user with one of everything.
func (d *database) ann(t testing.TB) user.User {
	t.Helper()
	u := user.User{ID: "ann", Organization: "o1", State: user.StateActive, Kind: user.KindHuman}
	u.Human.HasPassword, u.Human.PasswordChangedAt = true, time.Now()
	d.append(t, &u, 1)
	d.project(t, u)
	d.give(t, "ann",
		row{kind: totp, id: "t1"}, row{kind: u2f, id: "w1", name: "Key", domain: "example.com"},
		row{kind: passkey, id: "w2", name: "Phone", domain: "example.com"}, row{kind: passkey, id: "w3", pending: true, domain: "example.com"},
		row{kind: otpSMS}, row{kind: otpEmail}, row{kind: link, id: "l1", provider: "p", external: "x", name: "ann@p"},
		row{kind: link, id: "l2", provider: "q", external: "y", name: "ann@q"}, row{kind: recoveryCodes, id: "r"},
		row{kind: token, id: "pat"})
	d.keep(t, "ann", "Color", "colour", "size")
	return u
}

// questions are all that can be asked about what one user has; each returns the number of rows of the answer.
func (d *database) questions() map[string]func(v viewer, id string, c query.Consistency) (int, query.Reflected, error) {
	ctx := context.Background()
	return map[string]func(viewer, string, query.Consistency) (int, query.Reflected, error){
		"passkeys": func(v viewer, id string, c query.Consistency) (int, query.Reflected, error) {
			got, err := d.queries.Passkeys(ctx, v, id, c)
			return len(got.Passkeys), got.Reflected, err
		},
		"factors": func(v viewer, id string, c query.Consistency) (int, query.Reflected, error) {
			got, err := d.queries.Factors(ctx, v, id, user.FactorFilter{}, c)
			return len(got.Factors), got.Reflected, err
		},
		"methods": func(v viewer, id string, c query.Consistency) (int, query.Reflected, error) {
			got, err := d.queries.AuthMethods(ctx, v, id, user.DomainFilter{}, c)
			return len(got.Methods), got.Reflected, err
		},
		"links": func(v viewer, id string, c query.Consistency) (int, query.Reflected, error) {
			got, err := d.queries.Links(ctx, v, id, query.Page{}, c)
			return len(got.Links) + int(got.Total), got.Reflected, err
		},
		"metadata": func(v viewer, id string, c query.Consistency) (int, query.Reflected, error) {
			got, err := d.queries.Metadata(ctx, v, user.MetadataRequest{UserID: id, Consistency: c})
			return len(got.Metadata) + int(got.Total), got.Reflected, err
		},
	}
}

func TestWhoMayReadWhatAUserHas(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.ann(t)
	bob := user.User{ID: "bob", Organization: "o2", State: user.StateActive, Kind: user.KindMachine}
	gone := user.User{ID: "gone", Organization: "o1", State: user.StateDeleted, Kind: user.KindHuman}
	d.append(t, &bob, 1)
	d.append(t, &gone, 1)
	d.project(t, bob, gone)
	d.give(t, "bob", row{kind: passkey, organization: "o2"}, row{kind: totp, organization: "o2"}, row{kind: link, organization: "o2"})
	d.keep(t, "bob", "k")
	manager, plain := viewer{subject: "mia", organizations: []string{"o1"}}, viewer{subject: "ann"}
	for _, c := range []struct {
		name   string
		viewer viewer
		id     string
		denied bool
		rows   bool
	}{
		{"administrator", root, "ann", false, true},
		{"administrator, unknown id", root, "nobody", false, false},
		{"administrator, deleted user", root, "gone", false, false},
		{"manager of the organization", manager, "ann", false, true},
		{"manager of another organization", manager, "bob", true, false},
		{"manager, unknown id", manager, "nobody", false, false},
		{"self", plain, "ann", false, true},
		{"self, unknown", viewer{subject: "eve"}, "eve", false, false},
		{"plain user, other user", plain, "bob", true, false},
		{"plain user, unknown id", plain, "nobody", true, false},
		{"plain user, deleted user", plain, "gone", true, false},
		{"nobody at all", viewer{}, "ann", true, false},
	} {
		for name, ask := range d.questions() {
			rows, reflected, err := ask(c.viewer, c.id, query.Consistency{})
			switch {
			case c.denied && (!errors.Is(err, query.ErrDenied) || rows != 0 || reflected != query.Reflected{}):
				t.Errorf("%s, %s: %d rows, %+v, %v; want a denial alone", c.name, name, rows, reflected, err)
			case !c.denied && (err != nil || rows > 0 != c.rows):
				t.Errorf("%s, %s: %d rows, %v", c.name, name, rows, err)
			}
		}
	}
	for name, ask := range d.questions() {
		if _, _, err := ask(root, "a\x00b", query.Consistency{}); err == nil {
			t.Errorf("%s of an id that cannot be", name)
		}
	}
}

// The versions that say whether an answer is fresh and the answer itself come from one snapshot, that of one statement.
func TestWhatAUserHasIsOneStatement(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	ann := d.ann(t)
	for name := range d.questions() {
		queries, noted := d.tapped(t)
		_, reflected, err := (&database{queries: queries}).questions()[name](root, "ann", query.Consistency{})
		if err != nil || len(noted.queries) != 1 || len(noted.batches) != 0 || reflected.Position != ann.Position {
			t.Errorf("%s: %+v, %v, statements %q", name, reflected, err, noted.queries)
		}
	}
}

func TestWhatAUserHasIsFreshOrUnavailable(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	ann := d.ann(t)
	before := ann
	d.append(t, &ann, 1)
	for name, ask := range d.questions() {
		if rows, _, err := ask(root, "ann", query.Consistency{Timeout: soon}); !errors.Is(err, query.ErrBehind) || rows != 0 {
			t.Errorf("%s: %d rows, %v; want READ_MODEL_BEHIND", name, rows, err)
		}
		if rows, _, err := ask(root, "ann", query.Consistency{Mode: query.Eventual}); err != nil || rows == 0 {
			t.Errorf("%s, eventual: %d rows, %v", name, rows, err)
		}
		if _, _, err := ask(root, "ann", query.Consistency{MinPosition: before.Position, Timeout: soon}); err != nil {
			t.Errorf("%s, from a position that is reached: %v", name, err)
		}
	}
	d.project(t, ann)
	for name, ask := range d.questions() {
		if rows, reflected, err := ask(root, "ann", query.Consistency{Timeout: long}); err != nil || rows == 0 || reflected.Position != ann.Position {
			t.Errorf("%s: %d rows as of %d, %v", name, rows, reflected.Position, err)
		}
	}
}

func TestPasskeysAreThoseThatSignIn(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.ann(t)
	got, err := d.queries.Passkeys(context.Background(), root, "ann", query.Consistency{})
	want := []user.Passkey{{ID: "w2", State: user.CredentialReady, Name: "Phone"}}
	if err != nil || !reflect.DeepEqual(got.Passkeys, want) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestFactorsAreNarrowed(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.ann(t)
	d.give(t, "ann", row{kind: u2f, id: "w0", pending: true})
	var (
		app   = user.Factor{Type: user.FactorTOTP, State: user.CredentialReady}
		stick = user.Factor{Type: user.FactorU2F, State: user.CredentialReady, ID: "w1", Name: "Key"}
		begun = user.Factor{Type: user.FactorU2F, State: user.CredentialNotReady, ID: "w0"}
		sms   = user.Factor{Type: user.FactorOTPSMS, State: user.CredentialReady}
		email = user.Factor{Type: user.FactorOTPEmail, State: user.CredentialReady}
	)
	for name, c := range map[string]struct {
		filter user.FactorFilter
		want   []user.Factor
	}{
		"all that are ready":  {user.FactorFilter{}, []user.Factor{app, stick, sms, email}},
		"two types":           {user.FactorFilter{Types: []user.FactorType{user.FactorOTPEmail, user.FactorTOTP}}, []user.Factor{app, email}},
		"one type":            {user.FactorFilter{Types: []user.FactorType{user.FactorOTPSMS}}, []user.Factor{sms}},
		"a type there is not": {user.FactorFilter{Types: []user.FactorType{99}}, []user.Factor{}},
		"not ready":           {user.FactorFilter{States: []user.CredentialState{user.CredentialNotReady}}, []user.Factor{begun}},
		"both states of U2F": {user.FactorFilter{
			Types: []user.FactorType{user.FactorU2F}, States: []user.CredentialState{user.CredentialReady, user.CredentialNotReady},
		}, []user.Factor{begun, stick}},
		"removed": {user.FactorFilter{States: []user.CredentialState{3}}, []user.Factor{}},
	} {
		got, err := d.queries.Factors(context.Background(), root, "ann", c.filter, query.Consistency{})
		if err != nil || !reflect.DeepEqual(got.Factors, c.want) {
			t.Errorf("%s: %+v, %v", name, got.Factors, err)
		}
	}
}

func TestAuthMethodsAndDomains(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.ann(t)
	bare := user.User{ID: "bare", Organization: "o1", State: user.StateActive, Kind: user.KindHuman}
	begun := user.User{ID: "begun", Organization: "o1", State: user.StateActive, Kind: user.KindHuman}
	mixed := user.User{ID: "mixed", Organization: "o1", State: user.StateActive, Kind: user.KindHuman}
	for _, u := range []*user.User{&bare, &begun, &mixed} {
		d.append(t, u, 1)
	}
	d.project(t, bare, begun, mixed)
	d.give(t, "begun", row{kind: totp, pending: true}, row{kind: passkey, id: "w", pending: true}, row{kind: recoveryCodes, id: "r", pending: true})
	d.give(t, "mixed", row{kind: passkey, id: "w1", domain: "one.example"}, row{kind: passkey, id: "w2", domain: "one.example"},
		row{kind: u2f, id: "w3"}, row{kind: u2f, id: "w4", domain: "two.example"}, row{kind: otpEmail})
	all := []user.AuthMethod{
		user.AuthMethodTOTP, user.AuthMethodU2F, user.AuthMethodPasskey, user.AuthMethodOTPSMS, user.AuthMethodOTPEmail,
		user.AuthMethodRecoveryCode, user.AuthMethodPassword, user.AuthMethodIDP,
	}
	for name, c := range map[string]struct {
		id     string
		filter user.DomainFilter
		want   []user.AuthMethod
	}{
		"all, in order":        {"ann", user.DomainFilter{}, all},
		"none":                 {"bare", user.DomainFilter{}, nil},
		"none that is ready":   {"begun", user.DomainFilter{}, nil},
		"each once":            {"mixed", user.DomainFilter{}, []user.AuthMethod{user.AuthMethodU2F, user.AuthMethodPasskey, user.AuthMethodOTPEmail}},
		"of a domain":          {"mixed", user.DomainFilter{Domain: "One.example"}, []user.AuthMethod{user.AuthMethodPasskey, user.AuthMethodOTPEmail}},
		"of another domain":    {"mixed", user.DomainFilter{Domain: "two.example"}, []user.AuthMethod{user.AuthMethodU2F, user.AuthMethodOTPEmail}},
		"of no domain":         {"mixed", user.DomainFilter{Domain: "else.example"}, []user.AuthMethod{user.AuthMethodOTPEmail}},
		"of a domain or none":  {"mixed", user.DomainFilter{Domain: "else.example", IncludeWithoutDomain: true}, []user.AuthMethod{user.AuthMethodU2F, user.AuthMethodOTPEmail}},
		"a domain, all others": {"ann", user.DomainFilter{Domain: "example.com"}, all},
	} {
		got, err := d.queries.AuthMethods(context.Background(), root, c.id, c.filter, query.Consistency{})
		if err != nil || !reflect.DeepEqual(got.Methods, c.want) {
			t.Errorf("%s: %v, %v", name, got.Methods, err)
		}
	}
}

func TestLinksComeInPages(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	u := user.User{ID: "u", Organization: "o1", State: user.StateActive, Kind: user.KindHuman}
	d.append(t, &u, 1)
	d.project(t, u)
	for i := range 5 {
		d.give(t, "u", row{kind: link, id: fmt.Sprint(9 - i), provider: "p", external: fmt.Sprint(i), name: "n", position: i + 1})
	}
	for _, c := range []struct {
		page query.Page
		want string
	}{
		{query.Page{}, "43210"}, {query.Page{Ascending: true}, "01234"}, {query.Page{Limit: 2}, "43"},
		{query.Page{Limit: 2, Offset: 3, Ascending: true}, "34"}, {query.Page{Offset: 4}, "0"}, {query.Page{Offset: 5}, ""}, {query.Page{Offset: 1 << 40}, ""},
	} {
		got, err := d.queries.Links(context.Background(), root, "u", c.page, query.Consistency{})
		ids := ""
		for _, l := range got.Links {
			ids += l.ExternalID
			if l.ProviderID != "p" || l.Username != "n" {
				t.Errorf("%+v", l)
			}
		}
		if err != nil || ids != c.want || got.Total != 5 {
			t.Errorf("%+v: %q of %d, %v", c.page, ids, got.Total, err)
		}
	}
	for _, p := range []query.Page{{Limit: query.MaxLimit + 1}, {Offset: 1 << 63}} {
		if _, err := d.queries.Links(context.Background(), root, "u", p, query.Consistency{}); err == nil {
			t.Errorf("%+v is taken", p)
		}
	}
}

func TestMetadataByKeyAndPage(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.ann(t)
	is := func(m query.TextMethod, value string) []user.KeyIs { return []user.KeyIs{{Method: m, Value: value}} }
	many := make([]user.KeyIs, 10) // more than stay prepared
	for i := range many {
		many[i] = user.KeyIs{Method: query.Contains, Value: "o"}
	}
	for name, c := range map[string]struct {
		filters []user.KeyIs
		page    query.Page
		want    string
		total   uint64
	}{
		"newest first":       {nil, query.Page{}, "size colour Color", 3},
		"oldest first":       {nil, query.Page{Ascending: true}, "Color colour size", 3},
		"a page":             {nil, query.Page{Ascending: true, Limit: 1, Offset: 1}, "colour", 3},
		"beyond the end":     {nil, query.Page{Offset: 3}, "", 3},
		"equal":              {is(query.Equals, "Color"), query.Page{}, "Color", 1},
		"equal, any case":    {is(query.EqualsIgnoreCase, "COLOR"), query.Page{}, "Color", 1},
		"starts":             {is(query.StartsWith, "col"), query.Page{}, "colour", 1},
		"starts, any case":   {is(query.StartsWithIgnoreCase, "col"), query.Page{}, "colour Color", 2},
		"contains":           {is(query.Contains, "olo"), query.Page{Limit: 1}, "colour", 2},
		"contains, any case": {is(query.ContainsIgnoreCase, "OLOR"), query.Page{}, "Color", 1},
		"ends":               {is(query.EndsWith, "r"), query.Page{}, "colour Color", 2},
		"ends, any case":     {is(query.EndsWithIgnoreCase, "E"), query.Page{}, "size", 1},
		"literally":          {is(query.Contains, "%"), query.Page{}, "", 0},
		"both":               {append(is(query.StartsWithIgnoreCase, "c"), is(query.EndsWith, "our")...), query.Page{}, "colour", 1},
		"many":               {many, query.Page{}, "colour Color", 2},
	} {
		request := user.MetadataRequest{UserID: "ann", Filters: c.filters, Page: c.page}
		got, err := d.queries.Metadata(context.Background(), root, request)
		var keys []string
		for _, m := range got.Metadata {
			keys = append(keys, m.Key)
			if string(m.Value) != "value of "+m.Key || m.ChangedAt.Sub(m.CreatedAt) != time.Hour {
				t.Errorf("%+v", m)
			}
		}
		if err != nil || strings.Join(keys, " ") != c.want || got.Total != c.total {
			t.Errorf("%s: %q of %d, %v", name, keys, got.Total, err)
		}
	}
	for name, r := range map[string]user.MetadataRequest{
		"method": {Filters: is(8, "x")}, "text": {Filters: is(query.Equals, "\x00")}, "limit": {Page: query.Page{Limit: 1001}},
		"conditions": {Filters: make([]user.KeyIs, user.MaxNodes+1)},
	} {
		r.UserID = "ann"
		if _, err := d.queries.Metadata(context.Background(), root, r); err == nil {
			t.Errorf("an impossible %s is taken", name)
		}
	}
}

func TestUsersByTheirMetadata(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	for _, id := range []string{"ben", "cleo"} {
		u := user.User{ID: id, Organization: "o1", State: user.StateActive, Kind: user.KindMachine}
		d.append(t, &u, 1)
		d.project(t, u)
	}
	d.ann(t) // Color, colour, size
	d.keep(t, "ben", "size")
	for name, c := range map[string]struct {
		filters []user.Filter
		want    string
	}{
		"a key":                  {[]user.Filter{user.MetadataKey{Value: "size"}}, "ann ben"},
		"a key, any case":        {[]user.Filter{user.MetadataKey{Method: query.EqualsIgnoreCase, Value: "COLOR"}}, "ann"},
		"a part of a key":        {[]user.Filter{user.MetadataKey{Method: query.Contains, Value: "iz"}}, "ann ben"},
		"no such key":            {[]user.Filter{user.Not{Filter: user.MetadataKey{Value: "Color"}}}, "ben cleo"},
		"a value":                {[]user.Filter{user.MetadataValue{Value: "value of colour"}}, "ann"},
		"another value":          {[]user.Filter{user.MetadataValue{Value: "value of size", Other: true}}, "ann"},
		"not that value":         {[]user.Filter{user.Not{Filter: user.MetadataValue{Value: "value of size"}}}, "cleo"},
		"key and value":          {[]user.Filter{user.MetadataKey{Value: "size"}, user.MetadataValue{Value: "value of Color"}}, "ann"},
		"bytes that are no text": {[]user.Filter{user.MetadataValue{Value: "\x00\xff"}}, ""},
	} {
		got, err := d.queries.List(context.Background(), root, user.ListRequest{Filters: c.filters, Page: query.Page{Ascending: true}})
		var ids []string
		for _, u := range got.Users {
			ids = append(ids, u.ID)
		}
		if err != nil || strings.Join(ids, " ") != c.want || got.Total != uint64(len(ids)) {
			t.Errorf("%s: %q of %d, %v", name, ids, got.Total, err)
		}
	}
	if _, err := d.queries.List(context.Background(), root, user.ListRequest{Filters: []user.Filter{user.MetadataKey{Method: 99}}}); err == nil {
		t.Error("an unknown method is taken")
	}
}
