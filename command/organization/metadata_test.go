package organization_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/organization"
)

type entry = organization.MetadataEntry

func TestMetadata(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	set := func(entries ...entry) error {
		return second(n.Organizations.SetMetadata(t.Context(), owner("o"), "o", entries))
	}
	remove := func(keys ...string) error {
		return second(n.Organizations.RemoveMetadata(t.Context(), owner("o"), "o", keys))
	}
	n.given(t, "o", &eventv1.OrganizationAdded{Name: "O"})
	must(t, set(entry{"a", []byte("1")}, entry{"b", []byte("2")}))
	must(t, set(entry{"a", []byte("1")}, entry{"b", []byte("3")}))
	must(t, set(entry{"a", []byte("1")}))
	if err := remove("a", "c"); !errors.Is(err, organization.ErrMetadataKeyNotFound) {
		t.Errorf("one that is not there: %v", err)
	}
	must(t, remove("a"))
	must(t, set(entry{"a", []byte("1")}))
	n.events(t, "o", "org.added", "org.metadata.set", "org.metadata.set", "org.metadata.set", "org.metadata.removed", "org.metadata.set")
	many := make([]entry, 100)
	for i := range many {
		many[i] = entry{fmt.Sprintf("k%d", i), []byte("v")}
	}
	large := make([]entry, 30)
	for i := range large {
		large[i] = entry{fmt.Sprintf("k%d", i), bytes.Repeat([]byte("v"), 400_000)}
	}
	for name, c := range map[string]struct {
		run  func() error
		want error
	}{
		"nothing":         {func() error { return set() }, organization.ErrMetadataEmpty},
		"no key":          {func() error { return set(entry{" ", []byte("v")}) }, organization.ErrMetadataKey},
		"a long key":      {func() error { return set(entry{strings.Repeat("k", 201), []byte("v")}) }, organization.ErrMetadataKey},
		"a control in it": {func() error { return set(entry{"a\x00", []byte("v")}) }, organization.ErrMetadataKey},
		"twice":           {func() error { return set(entry{"k", []byte("v")}, entry{"k", []byte("w")}) }, organization.ErrMetadataKey},
		"no value":        {func() error { return set(entry{"k", nil}) }, organization.ErrMetadataValue},
		"a large value":   {func() error { return set(entry{"k", make([]byte, 500_001)}) }, organization.ErrMetadataTooLarge},
		"much at once":    {func() error { return set(large...) }, organization.ErrMetadataTooLarge},
		"many at once":    {func() error { return set(slices.Concat(many, []entry{{"more", []byte("v")}})...) }, organization.ErrMetadataTooLarge},
		"many in the end": {func() error { return set(many...) }, organization.ErrTooMuchMetadata},
		"removal of none": {func() error { return remove() }, organization.ErrMetadataEmpty},
		"removal, twice":  {func() error { return remove("a", "a") }, organization.ErrMetadataKey},
		"after the removal": {func() error {
			return second(n.Organizations.RemoveMetadata(t.Context(), commandtest.Admin(), "x", []string{"a"}))
		}, organization.ErrNotFound},
	} {
		if err := c.run(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
