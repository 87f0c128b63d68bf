package session_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/failure"
	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/session"
)

var (
	people        = []string{"", "ann", "bob", "O'Hara"}
	organizations = []string{"", "o1", "o2"}
	began         = time.Date(2026, 1, 2, 3, 4, 5, 678_000, time.UTC)
)

// population returns sessions that are made of few pieces.
func population(size int) []session.Session {
	all := make([]session.Session, size)
	for i := range all {
		s := session.Session{
			ID: fmt.Sprintf("s%d-%d", i%7, i), Version: uint64(1 + i), Position: eventstore.Position(i), CreatorID: people[i/3%len(people)],
			CreatedAt: began.Add(time.Duration(i/4) * time.Second), ChangedAt: began.Add(time.Duration(i) * time.Minute),
			Agent: session.Agent{FingerprintID: []string{"", "f1", "f2"}[i/5%3], IP: "192.0.2.7", Description: "d"},
		}
		if i%3 > 0 {
			s.ExpiresAt = began.Add(time.Duration(i%9) * time.Hour)
		}
		if user := people[i%len(people)]; user != "" {
			s.User = session.User{ID: user, Organization: organizations[1+i%2], CheckedAt: s.CreatedAt}
			s.Factors.Password = s.CreatedAt
		}
		if s.User.ID == "ann" {
			s.User.LoginName, s.User.DisplayName = "ann@example.com", "D ann@example.com"
		}
		if i%2 == 0 {
			s.Agent.Headers = map[string][]string{"Accept": {"a", "b"}}
			s.Metadata = map[string][]byte{"a": {}, "b": []byte(s.ID)}
		}
		all[i] = s
	}
	return all
}

// populated returns a database with a population, which the test fills in beside the projection, and one of its users.
func populated(t *testing.T, size int) (*database, []session.Session) {
	t.Helper()
	d := newDatabase(t)
	d.runAll(t)
	d.record(t, "user", "ann", human("o1", "ann@example.com"))
	all := population(size)
	batch := &pgx.Batch{}
	for i := range all {
		s := &all[i]
		headers := s.Agent.Headers
		if headers == nil {
			headers = map[string][]string{}
		}
		batch.Queue(`insert into projection.sessions_1
values ('default', $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, false, $11, $12, $13, $14, $15)`,
			s.ID, int64(s.Version), int64(s.Position), s.CreatorID, s.User.ID, s.User.Organization, s.Agent.FingerprintID, s.Agent.IP,
			s.Agent.Description, headers, s.CreatedAt, s.ChangedAt, orNull(s.ExpiresAt), orNull(s.User.CheckedAt), orNull(s.Factors.Password))
		for key, value := range s.Metadata {
			batch.Queue("insert into projection.sessions_metadata_1 values ('default', $1, $2, $3)", s.ID, key, value)
		}
	}
	must(t, d.pool.SendBatch(t.Context(), batch).Close())
	return d, all
}

func orNull(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

func ids(all []session.Session) []string {
	out := make([]string, len(all))
	for i := range all {
		out[i] = all[i].ID
	}
	return out
}

// check compares what the database answers with what the reference does.
func (d *database) check(t rapid.TB, all []session.Session, v viewer, r session.ListRequest) {
	t.Helper()
	r.Consistency = strong()
	want, total := answer(all, v, r)
	got, err := d.queries.List(context.Background(), v, r)
	if err != nil {
		t.Fatalf("%+v: %v", r, err)
	}
	if int(got.Total) != total || len(got.Rows) != len(want) {
		t.Fatalf("%+v\nas %+v\ngot  %d %q\nwant %d %q", r, v, got.Total, ids(got.Rows), total, ids(want))
	}
	for i := range want {
		if !reflect.DeepEqual(got.Rows[i], want[i]) {
			t.Fatalf("%+v\nas %+v\ngot  %+v\nwant %+v", r, v, got.Rows[i], want[i])
		}
	}
}

func TestEveryColumnBothWays(t *testing.T) {
	t.Parallel()
	d, all := populated(t, 60)
	for _, column := range []session.Column{session.ByID, session.ByCreation} {
		for _, ascending := range []bool{false, true} {
			var paged []string
			for offset := uint64(0); offset < 60; offset += 7 {
				r := session.ListRequest{Sort: column, Page: query.Page{Ascending: ascending, Offset: offset, Limit: 7}}
				d.check(t, all, root, r)
				page, _ := answer(all, root, r)
				paged = append(paged, ids(page)...)
			}
			whole, total := answer(all, root, session.ListRequest{Sort: column, Page: query.Page{Ascending: ascending}})
			if !reflect.DeepEqual(paged, ids(whole)) || len(whole) != total {
				t.Fatalf("pages sorted by %d do not add up to the list", column)
			}
		}
	}
}

func TestAnyQuestion(t *testing.T) {
	t.Parallel()
	d, all := populated(t, 120)
	rapid.Check(t, func(t *rapid.T) {
		who := viewer{
			subject:       rapid.SampledFrom(append([]string{"eve"}, people...)).Draw(t, "subject"),
			organizations: rapid.SliceOfNDistinct(rapid.SampledFrom(organizations[1:]), 0, 2, rapid.ID[string]).Draw(t, "organizations"),
			all:           rapid.Bool().Draw(t, "all"),
		}
		d.check(t, all, who, session.ListRequest{
			Filters: rapid.SliceOfN(drawFilter(all), 0, 5).Draw(t, "filters"),
			Sort:    rapid.SampledFrom([]session.Column{session.ByID, session.ByCreation}).Draw(t, "sort"),
			Page: query.Page{
				Ascending: rapid.Bool().Draw(t, "ascending"),
				Offset:    rapid.SampledFrom([]uint64{0, 0, 0, 1, 5, 49, 1000}).Draw(t, "offset"),
				Limit:     rapid.SampledFrom([]uint32{0, 1, 2, 9, 10, 11, 100, 1000}).Draw(t, "limit"),
			},
		})
	})
}

func drawFilter(all []session.Session) *rapid.Generator[session.Filter] {
	return rapid.Custom(func(t *rapid.T) session.Filter {
		is := query.Moment(rapid.IntRange(0, int(query.AtOrBefore)).Draw(t, "is"))
		switch rapid.IntRange(0, 5).Draw(t, "filter") {
		case 0:
			return session.InIDs(rapid.SliceOfN(rapid.SampledFrom(ids(all)), 0, 60).Draw(t, "ids"))
		case 1:
			return session.OfUser(rapid.SampledFrom(people).Draw(t, "user"))
		case 2:
			return session.BegunBy(rapid.SampledFrom(people).Draw(t, "creator"))
		case 3:
			return session.OfAgent(rapid.SampledFrom([]string{"f1", "f2", "f3"}).Draw(t, "agent"))
		case 4:
			return session.Created{Is: is, At: rapid.SampledFrom(all).Draw(t, "created").CreatedAt}
		default:
			return session.Expires{Is: is, At: began.Add(time.Duration(rapid.IntRange(0, 9).Draw(t, "expires")) * time.Hour)}
		}
	})
}

func TestInjectionIsData(t *testing.T) {
	t.Parallel()
	d, all := populated(t, 20)
	for _, evil := range []string{`' or 1=1 --`, `'); drop table projection.sessions_1; --`, `$1`, `\'; select pg_sleep(9) --`} {
		for _, f := range []session.Filter{session.InIDs{evil}, session.OfUser(evil), session.BegunBy(evil), session.OfAgent(evil)} {
			d.check(t, all, viewer{subject: evil, organizations: []string{evil}}, session.ListRequest{Filters: []session.Filter{f}})
		}
	}
	d.check(t, all, root, session.ListRequest{})
}

func TestListsBeyondTheLimits(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	filters := func(all ...session.Filter) session.ListRequest { return session.ListRequest{Filters: all} }
	for name, r := range map[string]session.ListRequest{
		"limit":                 {Page: query.Page{Limit: query.MaxLimit + 1}},
		"offset":                {Page: query.Page{Offset: 1 << 63}},
		"column":                {Sort: 2},
		"filters":               filters(make([]session.Filter, query.MaxFilters+1)...),
		"no filter":             filters(nil),
		"no fingerprint":        filters(session.OfAgent("")),
		"ids":                   filters(session.InIDs(make([]string, query.MaxListed/2+1)), session.InIDs(make([]string, query.MaxListed/2))),
		"null in an id":         filters(session.InIDs{"\x00"}),
		"null in a user":        filters(session.OfUser("\x00")),
		"long creator":          filters(session.BegunBy(strings.Repeat("x", query.MaxText+1))),
		"null in a fingerprint": filters(session.OfAgent("\x00")),
		"method":                filters(session.Created{Is: query.AtOrBefore + 1}),
		"method of expiry":      filters(session.Expires{Is: 200}),
	} {
		_, err := d.queries.List(t.Context(), root, r)
		var refusal *failure.Error
		if !errors.As(err, &refusal) || refusal.Kind != failure.InvalidArgument {
			t.Errorf("%s: %v", name, err)
		}
	}
}
