package audit_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore/failure"
	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/audit"
)

var (
	admin   = viewer{"root", map[string][]string{"": {query.AuditRead, query.UserRead}}}
	auditor = viewer{"otto", map[string][]string{"": {query.AuditRead}}} // may not read people
	manager = viewer{"mia", map[string][]string{"o1": {query.AuditRead, query.UserRead}}}
	plain   = viewer{"ann", nil}
)

// populated holds ann of o1 and bob of o2, and an organization's own stream.
func populated(t *testing.T) *history {
	t.Helper()
	h := newHistory(t)
	h.record(t, change{kind: "org", id: "o1", owner: "o1", actor: "system", events: []proto.Message{&eventv1.OrganizationAdded{Name: "One"}}})
	h.human(t, "ann", "o1")
	h.human(t, "bob", "o2")
	h.record(t, change{kind: "user", id: "ann", owner: "o1", actor: "ann", events: []proto.Message{&eventv1.UserEmailChanged{Email: "new@example.com"}}})
	return h
}

func list(t *testing.T, h *history, v viewer, r audit.Request) audit.Page {
	t.Helper()
	page, err := h.queries.ListEvents(context.Background(), v, r)
	if err != nil {
		t.Fatalf("%+v: %v", r, err)
	}
	return page
}

// brief writes a page as "stream type" lines.
func brief(page audit.Page) []string {
	out := make([]string, len(page.Events))
	for i, e := range page.Events {
		out[i] = e.Stream.ID + " " + e.Type
	}
	return out
}

func TestWhoSeesWhichEvents(t *testing.T) {
	t.Parallel()
	h := populated(t)
	ann := []string{"ann user.email.changed", "ann user.email.code.added", "ann user.password.changed", "ann user.human.added"}
	bob := []string{"bob user.email.code.added", "bob user.password.changed", "bob user.human.added"}
	org := []string{"o1 org.added"}
	all := slices.Concat(ann[:1], bob, ann[1:], org)
	for _, c := range []struct {
		name    string
		viewer  viewer
		request audit.Request
		want    []string // nil: denied
	}{
		{"administrator, all", admin, audit.Request{}, all},
		{"administrator, one stream", admin, audit.Request{StreamKind: "user", StreamID: "bob"}, bob},
		{"administrator, one id", admin, audit.Request{StreamID: "o1"}, org},
		{"administrator, one kind", admin, audit.Request{StreamKind: "org"}, org},
		{"administrator, unknown stream", admin, audit.Request{StreamKind: "user", StreamID: "nobody"}, []string{}},
		{"administrator, unknown id", admin, audit.Request{StreamID: "nobody"}, []string{}},
		{"auditor, all", auditor, audit.Request{}, all},
		{"manager, all of its organization", manager, audit.Request{}, slices.Concat(ann, org)},
		{"manager, its organization's stream", manager, audit.Request{StreamID: "ann"}, ann},
		{"manager, another organization's stream", manager, audit.Request{StreamID: "bob"}, nil},
		{"manager, unknown stream", manager, audit.Request{StreamKind: "user", StreamID: "nobody"}, nil},
		{"self, named", plain, audit.Request{StreamKind: "user", StreamID: "ann"}, ann},
		{"self, by id alone", plain, audit.Request{StreamID: "ann"}, ann},
		{"self, unnamed", plain, audit.Request{}, ann},
		{"self, other kind of the same id", plain, audit.Request{StreamKind: "org", StreamID: "ann"}, nil},
		{"plain user, other stream", plain, audit.Request{StreamKind: "user", StreamID: "bob"}, nil},
		{"plain user, unknown stream", plain, audit.Request{StreamKind: "user", StreamID: "nobody"}, nil},
		{"plain user, a kind", plain, audit.Request{StreamKind: "org"}, nil},
		{"nobody at all", viewer{}, audit.Request{}, nil},
		{"by actor", admin, audit.Request{Actor: "ann"}, ann[:1]},
		{"by type", admin, audit.Request{Types: []string{"user.human.added"}}, []string{bob[2], ann[3]}},
		{"by types below", admin, audit.Request{Types: []string{"user.email.*", "org.added"}}, []string{ann[0], bob[0], ann[1], org[0]}},
		{"a type is no pattern", admin, audit.Request{Types: []string{"user.human_added", "user.%"}}, []string{}},
		{"since tomorrow", admin, audit.Request{Since: time.Now().Add(24 * time.Hour)}, []string{}},
		{"until tomorrow", admin, audit.Request{Until: time.Now().Add(24 * time.Hour)}, all},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			page, err := h.queries.ListEvents(context.Background(), c.viewer, c.request)
			if c.want == nil {
				if !errors.Is(err, query.ErrDenied) || page.Events != nil {
					t.Fatalf("got %q, %v; want permission denied", brief(page), err)
				}
				return
			}
			if err != nil || !slices.Equal(brief(page), c.want) {
				t.Fatalf("got  %q, %v\nwant %q", brief(page), err, c.want)
			}
		})
	}
}

func TestPersonalFieldsOpenForWhoMayReadThePerson(t *testing.T) {
	t.Parallel()
	h := populated(t)
	for _, c := range []struct {
		name     string
		viewer   viewer
		personal bool
		client   map[string]bool // by actor
	}{
		{"administrator", admin, true, map[string]bool{"root": true, "ann": true}},
		{"manager", manager, true, map[string]bool{"root": true, "ann": true}},
		{"auditor", auditor, false, map[string]bool{"root": false, "ann": false}},
		{"self", plain, true, map[string]bool{"root": false, "ann": true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			page := list(t, h, c.viewer, audit.Request{StreamKind: "user", StreamID: "ann", Ascending: true})
			added := page.Events[0]
			if got := added.Payload.Fields["email"].GetStringValue(); (got == "ann@example.com") != c.personal {
				t.Errorf("email is %q", got)
			}
			if added.PersonalVisible != c.personal || added.Erased || added.Unreadable {
				t.Errorf("flags of %+v", added)
			}
			if got := added.Payload.Fields["organizationId"].GetStringValue(); got != "o1" || added.Organization != "o1" {
				t.Errorf("open fields: %q, owner %q", got, added.Organization)
			}
			for _, e := range page.Events {
				if (e.ClientIP == "192.0.2.7") != c.client[e.Actor] || (e.ClientAgent != "") != c.client[e.Actor] {
					t.Errorf("client of %s by %s: %q %q", e.Type, e.Actor, e.ClientIP, e.ClientAgent)
				}
			}
		})
	}
}

func TestSecretsAndDigestsAreShownToNobody(t *testing.T) {
	t.Parallel()
	h := populated(t)
	for _, v := range []viewer{admin, plain} {
		for _, e := range list(t, h, v, audit.Request{StreamID: "ann"}).Events {
			text, err := e.Payload.MarshalJSON()
			must(t, err)
			if strings.Contains(string(text), "argon2") || strings.Contains(string(text), "hash") || strings.Contains(string(text), "digest") {
				t.Errorf("%s shows %s", e.Type, text)
			}
			if e.Type == "user.email.code.added" && !strings.Contains(string(text), "https://example.com") {
				t.Errorf("the rest of a code's fields is missing: %s", text)
			}
		}
	}
}

func TestErasedPersons(t *testing.T) {
	t.Parallel()
	h := populated(t)
	if _, err := h.pool.Exec(context.Background(), `delete from eventstore.data_keys where subject = 'ann'`); err != nil {
		t.Fatal(err)
	}
	h.vault.Forget(tenant, "ann")
	page := list(t, h, admin, audit.Request{StreamID: "ann", Ascending: true})
	added := page.Events[0]
	if !added.Erased || added.PersonalVisible || added.Payload.Fields["email"] != nil || added.ClientIP != "" {
		t.Errorf("an erased person's event: %+v", added)
	}
	if added.Payload.Fields["organizationId"].GetStringValue() != "o1" {
		t.Errorf("open fields went with the personal ones")
	}
}

func TestUnreadableEventsHideNothingElse(t *testing.T) {
	t.Parallel()
	h := populated(t)
	if _, err := h.pool.Exec(context.Background(), `update eventstore.events set type = 'user.from.the.future' where type = 'user.human.added' and stream_id = 'ann'`); err != nil {
		t.Fatal(err)
	}
	page := list(t, h, admin, audit.Request{StreamID: "ann", Ascending: true})
	if len(page.Events) != 4 || !page.Events[0].Unreadable || page.Events[0].Payload == nil || page.Events[1].Unreadable {
		t.Errorf("got %+v", page.Events)
	}
}

func TestPagesAddUpWhileTheLogGrows(t *testing.T) {
	t.Parallel()
	for _, ascending := range []bool{false, true} {
		t.Run(fmt.Sprintf("ascending %t", ascending), func(t *testing.T) {
			t.Parallel()
			h := newHistory(t)
			for i := range 23 {
				h.human(t, fmt.Sprintf("u%02d", i), "o1")
			}
			want := brief(list(t, h, admin, audit.Request{Ascending: ascending, PageSize: 1000}))
			var got []string
			r := audit.Request{Ascending: ascending, PageSize: 7}
			for pages := 0; ; pages++ {
				page := list(t, h, admin, r)
				got = append(got, brief(page)...)
				if page.NextToken == "" {
					break
				}
				if len(page.Events) != 7 {
					t.Fatalf("a page of %d before the last", len(page.Events))
				}
				if r.PageToken = page.NextToken; pages < 5 {
					h.human(t, fmt.Sprintf("later%02d", pages), "o1")
				}
			}
			if ascending { // who follows the log sees what was added behind; from the end it is above the first page
				if len(got) != 3*28 || !slices.Equal(got[:len(want)], want) {
					t.Fatalf("got %d events %q", len(got), got)
				}
			} else if !slices.Equal(got, want) {
				t.Fatalf("got  %q\nwant %q", got, want)
			}
		})
	}
}

func TestPagesOfANarrowedViewer(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	for i := range 40 {
		h.human(t, fmt.Sprintf("u%02d", i), []string{"o1", "o2", "o2"}[i%3])
	}
	want := 0
	for _, e := range list(t, h, admin, audit.Request{PageSize: 1000}).Events {
		if e.Organization == "o1" {
			want++
		}
	}
	seen, r := 0, audit.Request{PageSize: 4}
	for {
		page := list(t, h, manager, r)
		for _, e := range page.Events {
			if seen++; e.Organization != "o1" {
				t.Fatalf("an event of %s", e.Organization)
			}
		}
		if page.NextToken == "" {
			break
		}
		r.PageToken = page.NextToken
	}
	if seen != want {
		t.Fatalf("saw %d of %d", seen, want)
	}
}

func TestPositionBounds(t *testing.T) {
	t.Parallel()
	h := populated(t)
	all := list(t, h, admin, audit.Request{Ascending: true}).Events
	for _, ascending := range []bool{false, true} {
		got := list(t, h, admin, audit.Request{After: all[1].Position, Before: all[4].Position, Ascending: ascending}).Events
		if len(got) != 2 {
			t.Fatalf("%d events between", len(got))
		}
		first := got[0].Position
		if (first == all[2].Position) != ascending {
			t.Errorf("ascending %t begins at %d", ascending, first)
		}
	}
}

func TestQuestionsThatAreRefused(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	for name, r := range map[string]audit.Request{
		"page too large":  {PageSize: audit.MaxPageSize + 1},
		"page negative":   {PageSize: -1},
		"after negative":  {After: -1},
		"before negative": {Before: -1},
		"too many types":  {Types: make([]string, audit.MaxTypes+1)},
		"zero byte":       {Actor: "\x00"},
		"zero byte type":  {Types: []string{"a\x00"}},
		"long id":         {StreamID: strings.Repeat("x", 201)},
		"broken token":    {PageToken: "broken"},
	} {
		var refusal *failure.Error
		if _, err := h.queries.ListEvents(context.Background(), admin, r); !errors.As(err, &refusal) || refusal.Kind != failure.InvalidArgument {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Oldest first, a reader who follows by pages must not pass an event that commits later at a lower position.
func TestFollowerWaitsForOpenTransactions(t *testing.T) {
	t.Parallel()
	h := populated(t)
	ctx := context.Background()
	tx, err := h.pool.Begin(ctx)
	must(t, err)
	defer func() { _ = tx.Rollback(ctx) }()
	// What an append of another node does: take the lock, take a position, and not commit yet.
	for _, sql := range []string{`select pg_advisory_xact_lock_shared(x'7369676e00000001'::bigint)`, `select nextval('eventstore.positions')`} {
		if _, err := tx.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	last := h.record(t, change{kind: "user", id: "ann", owner: "o1", actor: "ann", events: []proto.Message{&eventv1.UserLocked{}}})
	_, err = h.queries.ListEvents(ctx, admin, audit.Request{Ascending: true, Timeout: 30 * time.Millisecond})
	if !errors.Is(err, query.ErrBehind) {
		t.Fatalf("with a gap in the log: %v", err)
	}
	if got := list(t, h, admin, audit.Request{PageSize: 1}).Events; got[0].Position != last.Position {
		t.Fatalf("newest first shows %d, not what was committed last", got[0].Position)
	}
	must(t, tx.Rollback(ctx))
	page := list(t, h, admin, audit.Request{Ascending: true, Timeout: 30 * time.Second})
	if got := page.Events[len(page.Events)-1].Position; got != last.Position {
		t.Fatalf("after the gap closed the last is %d", got)
	}
}
