package user_test

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/user"
)

// The end of an organization is no event of its users, and a read sees it nevertheless: at once, before the read model knows.
func TestUsersOfAnOrganizationThatEnded(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	u := user.User{ID: "ann", Organization: "o1", State: user.StateActive, Kind: user.KindHuman}
	other := user.User{ID: "bob", Organization: "o2", State: user.StateActive, Kind: user.KindHuman}
	d.append(t, &u, 1)
	d.append(t, &other, 1)
	d.project(t, u, other)
	for _, organization := range []string{"o1", "o2"} {
		d.organization(t, organization, "org.added", "org.renamed")
	}
	if _, err := d.queries.Get(t.Context(), root, "ann", query.Consistency{}); err != nil {
		t.Errorf("before: %v", err)
	}
	d.organization(t, "o1", "org.removed")
	for name, c := range map[string]query.Consistency{"strong": {Timeout: soon}, "eventual": {Mode: query.Eventual}} {
		if _, err := d.queries.Get(t.Context(), root, "ann", c); !errors.Is(err, user.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := d.queries.Get(t.Context(), viewer{subject: "eve", organizations: []string{"o2"}}, "ann", c); !errors.Is(err, query.ErrDenied) {
			t.Errorf("%s, by a stranger: %v", name, err)
		}
		if _, err := d.queries.Get(t.Context(), root, "bob", c); err != nil {
			t.Errorf("%s, of another organization: %v", name, err)
		}
	}
	credentials := func() error {
		_, err := d.queries.Passkeys(t.Context(), root, "ann", query.Consistency{Timeout: soon})
		return err
	}
	if err := credentials(); !errors.Is(err, query.ErrBehind) {
		t.Errorf("what the user had, while nothing projects: %v", err)
	}
	u.State = user.StateDeleted
	d.project(t, u)
	if err := credentials(); err != nil {
		t.Errorf("what the user had, afterwards: %v", err)
	}
}

// organization appends to an organization's stream.
func (d *database) organization(t *testing.T, id string, types ...string) {
	t.Helper()
	stream := eventstore.StreamID{Tenant: tenant, Kind: "org", ID: id}
	head, err := d.log.StreamHead(t.Context(), stream)
	if err != nil {
		t.Fatal(err)
	}
	change := eventstore.Change{Stream: stream, Owner: id, Expected: head.Version, Metadata: eventstore.Metadata{Actor: "system"}}
	for _, name := range types {
		change.Events = append(change.Events, eventstore.NewEvent{ID: uuid.Must(uuid.NewV7()), Type: name, Payload: []byte{}})
	}
	if _, err := d.log.Append(t.Context(), change); err != nil {
		t.Fatal(err)
	}
}
