package user_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
)

// numbered returns metadata entries with the keys k<from> up to k<to-1>.
func numbered(from, to int) []user.MetadataEntry {
	var out []user.MetadataEntry
	for i := from; i < to; i++ {
		out = append(out, user.MetadataEntry{Key: fmt.Sprintf("k%d", i), Value: []byte("x")})
	}
	return out
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	set := func(entries ...user.MetadataEntry) func(context.Context, *commandtest.Node, *permission.Caller) error {
		return func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			_, err := n.Users.SetMetadata(ctx, as, user.SetMetadata{UserID: "minnie", Entries: entries})
			return err
		}
	}
	remove := func(keys ...string) func(context.Context, *commandtest.Node, *permission.Caller) error {
		return func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			_, err := n.Users.RemoveMetadata(ctx, as, user.RemoveMetadata{UserID: "minnie", Keys: keys})
			return err
		}
	}
	entry := func(key, value string) user.MetadataEntry { return user.MetadataEntry{Key: key, Value: []byte(value)} }
	active := []proto.Message{person()}
	kept := []proto.Message{person(), &eventv1.UserMetadataSet{Key: "a", Value: []byte("x")}, &eventv1.UserMetadataSet{Key: "b", Value: []byte("y")}}
	forgotten := append(kept[:3:3], &eventv1.UserMetadataRemoved{Key: "a"})
	full := []proto.Message{person()}
	for _, e := range numbered(0, 100) {
		full = append(full, &eventv1.UserMetadataSet{Key: e.Key, Value: e.Value})
	}
	const added, gone = "user.metadata.set", "user.metadata.removed"

	run(t, []scenario{
		{"two", active, admin(), set(entry("a", "x"), entry("b", "y")), []string{added, added}, nil},
		{"of a machine", []proto.Message{program()}, owner(), set(entry("a", "x")), []string{added}, nil},
		{"what is there already", kept, admin(), set(entry("b", "y"), entry("a", "x")), nil, nil},
		{"one differs", kept, admin(), set(entry("a", "x"), entry("b", "z")), []string{added}, nil},
		{"again after it was removed", forgotten, admin(), set(entry("a", "x")), []string{added}, nil},
		{"a key in another case", kept, admin(), set(entry("A", "x")), []string{added}, nil},
		{"none", active, admin(), set(), nil, user.ErrMetadataEmpty},
		{"a key twice", active, admin(), set(entry("a", "x"), entry("a", "y")), nil, user.ErrMetadataKey},
		{"a key of 201 characters", active, admin(), set(entry(strings.Repeat("ä", 201), "x")), nil, user.ErrMetadataKey},
		{"a blank key", active, admin(), set(entry(" ", "x")), nil, user.ErrMetadataKeyEmpty},
		{"no value", active, admin(), set(entry("a", "")), nil, user.ErrMetadataValue},
		{"a value of half a megabyte and a byte", active, admin(), set(entry("a", strings.Repeat("x", 500_001))), nil, user.ErrMetadataTooLarge},
		{"101", active, admin(), set(numbered(0, 101)...), nil, user.ErrMetadataTooLarge},
		{"100 of which one is the 101st", full, admin(), set(numbered(1, 101)...), nil, user.ErrTooMuchMetadata},
		{"another value when there are 100", full, admin(), set(entry("k7", "y")), []string{added}, nil},
		{"by oneself", active, minnie(), set(entry("a", "x")), []string{added}, nil},
		{"by somebody else", active, stranger(), set(entry("a", "x")), nil, permission.ErrDenied},
		{"of nobody", nil, admin(), set(entry("a", "x")), nil, user.ErrNoMetadataHolder},
		{"of a removed user", []proto.Message{person(), &eventv1.UserRemoved{}}, admin(), set(entry("a", "x")), nil, user.ErrNoMetadataHolder},

		{"both removed", kept, admin(), remove("b", "a"), []string{gone, gone}, nil},
		{"one is missing: none is removed", kept, admin(), remove("a", "c"), nil, user.ErrMetadataKeyNotFound},
		{"removed twice", forgotten, admin(), remove("a"), nil, user.ErrMetadataKeyNotFound},
		{"the same key twice", kept, admin(), remove("a", "a"), nil, user.ErrMetadataKey},
		{"no key", kept, admin(), remove(), nil, user.ErrMetadataEmpty},
		{"removed by oneself", kept, minnie(), remove("a"), []string{gone}, nil},
		{"removed by somebody else", kept, stranger(), remove("a"), nil, permission.ErrDenied},
		{"removed from nobody", nil, admin(), remove("a"), nil, user.ErrNotFound},
	})
}

// Many set metadata on two nodes: together they do not get past the limit either.
func TestRaceForTheLastMetadata(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	nodes := []*commandtest.Node{n, n.Another(t)}
	n.Given(t, "minnie", person())
	if _, err := n.Users.SetMetadata(t.Context(), admin(), user.SetMetadata{UserID: "minnie", Entries: numbered(0, 95)}); err != nil {
		t.Fatal(err)
	}
	var won, lost atomic.Int64
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range 16 {
		wg.Go(func() {
			<-start
			_, err := nodes[i%2].Users.SetMetadata(t.Context(), admin(), user.SetMetadata{UserID: "minnie", Entries: numbered(100+i, 101+i)})
			switch {
			case err == nil:
				won.Add(1)
			case errors.Is(err, user.ErrTooMuchMetadata):
				lost.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	close(start)
	wg.Wait()
	if won.Load() != 5 || lost.Load() != 11 {
		t.Errorf("%d won, %d lost", won.Load(), lost.Load())
	}
}
