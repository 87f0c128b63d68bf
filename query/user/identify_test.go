package user_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/user"
)

// holder is a person of these tests; the later in a list the newer.
type holder struct {
	id, email, phone  string
	verified, machine bool
	state             user.State
}

func (d *database) holders(t *testing.T, all ...holder) {
	t.Helper()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	users := make([]user.User, len(all))
	for i, h := range all {
		u := user.User{ID: h.id, Organization: "o1", State: user.StateActive, Kind: user.KindHuman, CreatedAt: at.Add(time.Duration(i) * time.Second)}
		if h.state != 0 {
			u.State = h.state
		}
		if h.machine {
			u.Kind = user.KindMachine
		}
		u.Human.Email, u.Human.EmailVerified, u.Human.Phone, u.Human.PhoneVerified = h.email, h.verified, h.phone, h.verified
		d.append(t, &u, 1)
		users[i] = u
	}
	d.project(t, users...)
}

func TestHoldersOfAnAddress(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.holders(t,
		holder{id: "ann", email: "Ann@Example.com", phone: "+41791112233", verified: true},
		holder{id: "ann2", email: "ann@example.com", phone: "+41791112233"},
		holder{id: "ann3", email: "ANN@example.com", phone: "+41791112233"},
		holder{id: "bob", email: "bob@example.com", verified: true},
		holder{id: "bob2", email: "bob@example.com", verified: true, state: user.StateLocked},
		holder{id: "gone", email: "gone@example.com", phone: "+41799999999", verified: true, state: user.StateDeleted},
		holder{id: "robot", email: "robot@example.com", verified: true, machine: true},
		holder{id: "zoe", email: "Zoë@example.com", verified: true},
		holder{id: "none"}, holder{id: "none2", verified: true},
	)
	email, phone := d.queries.WithEmail, d.queries.WithPhone
	for name, c := range map[string]struct {
		ask      func(context.Context, string, string, bool) ([]string, error)
		tenant   string
		address  string
		verified bool
		want     []string
	}{
		"verified":             {email, tenant, "ann@example.com", true, []string{"ann"}},
		"in another case":      {email, tenant, "aNN@eXample.com", true, []string{"ann"}},
		"beyond ASCII":         {email, tenant, "ZOË@example.com", true, []string{"zoe"}},
		"unverified, by age":   {email, tenant, "ann@example.com", false, []string{"ann3", "ann2"}},
		"of several":           {email, tenant, "bob@example.com", true, []string{"bob2", "bob"}},
		"of a removed user":    {email, tenant, "gone@example.com", true, nil},
		"of a machine":         {email, tenant, "robot@example.com", true, nil},
		"of nobody":            {email, tenant, "nobody@example.com", true, nil},
		"of another tenant":    {email, "other", "ann@example.com", true, nil},
		"a part of it":         {email, tenant, "ann@example", true, nil},
		"a pattern":            {email, tenant, "%", true, nil},
		"empty":                {email, tenant, "", true, nil},
		"empty, unverified":    {phone, tenant, "", false, nil},
		"binary":               {email, tenant, "a\x00b", true, nil},
		"long":                 {email, tenant, strings.Repeat("x", query.MaxText+1), true, nil},
		"phone":                {phone, tenant, "+41791112233", true, []string{"ann"}},
		"phone, unverified":    {phone, tenant, "+41791112233", false, []string{"ann3", "ann2"}},
		"phone, of a removed":  {phone, tenant, "+41799999999", true, nil},
		"a phone as an email":  {email, tenant, "+41791112233", true, nil},
		"an email as a number": {phone, tenant, "ann@example.com", true, nil},
	} {
		got, err := c.ask(t.Context(), c.tenant, c.address, c.verified)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, %v, want %q", name, got, err, c.want)
		}
	}
}

func TestHoldersAreBounded(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	many := make([]holder, user.MaxHolders+5)
	for i := range many {
		many[i] = holder{id: fmt.Sprintf("u%02d", i), email: "a@example.com"}
	}
	d.holders(t, many...)
	got, err := d.queries.WithEmail(t.Context(), tenant, "a@example.com", false)
	if err != nil || len(got) != user.MaxHolders || got[0] != many[len(many)-1].id {
		t.Errorf("%q, %v", got, err)
	}
}

// Whoever has just been told that an address is verified can sign in with it: the answer waits for the read model.
func TestHoldersAreNeverOld(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	_, after := someone(t, d)
	ctx, cancel := context.WithTimeout(t.Context(), query.DefaultTimeout/4)
	defer cancel()
	if got, err := d.queries.WithEmail(ctx, tenant, "ann@example.com", false); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("behind: %q, %v", got, err)
	}
	asked := make(chan error, 1)
	go func() {
		got, err := d.queries.WithEmail(t.Context(), tenant, "ann@example.com", false)
		if err == nil && !slices.Equal(got, []string{"ann"}) {
			err = fmt.Errorf("holders %q", got)
		}
		asked <- err
	}()
	after.Human.Email = "ann@example.com"
	d.replace(t, after)
	if err := <-asked; err != nil {
		t.Error(err)
	}
}

// replace projects a user whose address changed, which project leaves as it was.
func (d *database) replace(t *testing.T, u user.User) {
	t.Helper()
	if _, err := d.pool.Exec(t.Context(), `delete from projection.users_1 where id = $1`, u.ID); err != nil {
		t.Fatal(err)
	}
	d.project(t, u)
}

func TestHoldersAreFoundByIndex(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.crowd(t, 20_000)
	for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
		for index, c := range map[string]struct{ sql, address string }{
			"by_email": {user.StatementWithEmail, "user77@example.com"},
			"by_phone": {user.StatementWithPhone, "+4970"},
		} {
			plan := d.plan(t, mode, c.sql, []any{tenant, c.address, true})
			if !strings.Contains(plan, index) || strings.Contains(plan, "Seq Scan on users_1") || strings.Contains(plan, "Seq Scan on events") {
				t.Errorf("%s: not %s:\n%s", mode, index, plan)
			}
		}
	}
}
