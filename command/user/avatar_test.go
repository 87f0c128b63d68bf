package user_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"image"
	"image/color"
	"image/png"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/avatar"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/storetest"
)

// picture is one of a size, so that sizes make different ones.
func picture(width int) []byte {
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewPaletted(image.Rect(0, 0, width, 1), color.Palette{color.White})); err != nil {
		panic(err)
	}
	return out.Bytes()
}

func TestAvatar(t *testing.T) {
	t.Parallel()
	set := func(data []byte) func(context.Context, *commandtest.Node, *permission.Caller) error {
		return func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			_, err := n.Users.SetAvatar(ctx, as, user.SetAvatar{UserID: "minnie", Data: data})
			return err
		}
	}
	remove := func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
		_, err := n.Users.RemoveAvatar(ctx, as, "minnie")
		return err
	}
	sum := sha256.Sum256(picture(1))
	plain, gone := []proto.Message{person()}, []proto.Message{person(), &eventv1.UserRemoved{}}
	shown := []proto.Message{person(), &eventv1.UserAvatarSet{ContentType: "image/png", Sha256: sum[:]}}
	hidden := append(shown[:2:2], &eventv1.UserAvatarRemoved{})
	const added, removed = "user.avatar.set", "user.avatar.removed"

	run(t, []scenario{
		{"the first", plain, minnie(), set(picture(1)), []string{added}, nil},
		{"another", shown, minnie(), set(picture(2)), []string{added}, nil},
		{"the same", shown, minnie(), set(picture(1)), nil, nil},
		{"the same after it was removed", hidden, minnie(), set(picture(1)), []string{added}, nil},
		{"of a machine", []proto.Message{program()}, minnie(), set(picture(1)), []string{added}, nil},
		{"by an administrator", plain, owner(), set(picture(1)), []string{added}, nil},
		{"by somebody else", plain, stranger(), set(picture(1)), nil, permission.ErrDenied},
		{"by a manager of elsewhere", plain, foreign(), set(picture(1)), nil, permission.ErrDenied},
		{"no picture", plain, minnie(), set([]byte("text")), nil, avatar.ErrFormat},
		{"of nobody", nil, admin(), set(picture(1)), nil, user.ErrNotFound},
		{"of a removed user", gone, admin(), set(picture(1)), nil, user.ErrNotFound},

		{"removed", shown, minnie(), remove, []string{removed}, nil},
		{"removed without one", plain, minnie(), remove, nil, nil},
		{"removed twice", hidden, minnie(), remove, nil, nil},
		{"removed by somebody else", shown, stranger(), remove, nil, permission.ErrDenied},
		{"removed from nobody", nil, admin(), remove, nil, user.ErrNotFound},
	})
}

// shelf is a node with minnie on it, and a way to count what lies beside the log.
func shelf(t *testing.T) (*commandtest.Node, func() int) {
	t.Helper()
	pool := storetest.NewDatabase(t)
	n := commandtest.New(t, func(o eventstore.Options) (*eventstore.Store, error) {
		return eventstore.Open(context.Background(), pool, o)
	})
	n.Given(t, "minnie", person())
	return n, func() (count int) {
		if err := pool.QueryRow(t.Context(), "select count(*) from eventstore.blobs").Scan(&count); err != nil {
			t.Fatal(err)
		}
		return count
	}
}

// see returns whether a picture of a size is what minnie shows.
func see(t *testing.T, n *commandtest.Node, width int) bool {
	t.Helper()
	shown, err := n.Users.Avatar(t.Context(), n.Tenant, "minnie", sha256.Sum256(picture(width)))
	if err != nil && !errors.Is(err, user.ErrAvatarNotFound) {
		t.Fatal(err)
	}
	return err == nil && shown.ContentType == "image/png" && bytes.Equal(shown.Data, picture(width))
}

func TestOnlyThePresentAvatarIsKept(t *testing.T) {
	t.Parallel()
	n, kept := shelf(t)
	set := func(width int) {
		t.Helper()
		if _, err := n.Users.SetAvatar(t.Context(), minnie(), user.SetAvatar{UserID: "minnie", Data: picture(width)}); err != nil {
			t.Fatal(err)
		}
	}
	set(1)
	set(2)
	set(2)
	if see(t, n, 1) || !see(t, n, 2) || !see(t, n.Another(t), 2) || kept() != 1 {
		t.Errorf("after the second: %v, %v, %d kept", see(t, n, 1), see(t, n, 2), kept())
	}
	if _, err := n.Users.RemoveAvatar(t.Context(), minnie(), "minnie"); err != nil || see(t, n, 2) || kept() != 0 {
		t.Errorf("after the removal: %v, %v, %d kept", err, see(t, n, 2), kept())
	}
	set(3)
	if _, err := n.Users.Delete(t.Context(), admin(), "minnie"); err != nil || see(t, n, 3) || kept() != 0 {
		t.Errorf("after the user's end: %v, %v, %d kept", err, see(t, n, 3), kept())
	}
}

// A picture whose event never came is shown to nobody, takes nothing from the one before, and is dropped by a later change.
func TestAvatarWithoutItsEvent(t *testing.T) {
	t.Parallel()
	n, kept := shelf(t)
	set := func(width int) {
		t.Helper()
		if _, err := n.Users.SetAvatar(t.Context(), minnie(), user.SetAvatar{UserID: "minnie", Data: picture(width)}); err != nil {
			t.Fatal(err)
		}
	}
	set(1)
	lost := eventstore.Blob{EventID: n.Runtime.NewID(), Subject: "minnie", Sealed: picture(2)}
	if err := n.Store.PutBlob(t.Context(), n.Tenant, lost); err != nil {
		t.Fatal(err)
	}
	if !see(t, n, 1) || see(t, n, 2) || kept() != 2 {
		t.Errorf("a picture that no event names: %v, %v, %d kept", see(t, n, 1), see(t, n, 2), kept())
	}
	set(3)
	if kept() != 2 {
		t.Errorf("it may be on its way still, and %d are kept", kept())
	}
	n.Clock.Advance(2 * time.Hour)
	set(4)
	if !see(t, n, 4) || kept() != 1 {
		t.Errorf("after hours %d are kept", kept())
	}
}

// The data key is all that opens a picture.
func TestAvatarOfAnErasedUser(t *testing.T) {
	t.Parallel()
	pool := storetest.NewDatabase(t)
	n := commandtest.New(t, func(o eventstore.Options) (*eventstore.Store, error) {
		return eventstore.Open(context.Background(), pool, o)
	})
	n.Given(t, "minnie", person())
	if _, err := n.Users.SetAvatar(t.Context(), minnie(), user.SetAvatar{UserID: "minnie", Data: picture(1)}); err != nil {
		t.Fatal(err)
	}
	var sealed []byte
	if err := pool.QueryRow(t.Context(), "select sealed from eventstore.blobs").Scan(&sealed); err != nil || bytes.Contains(sealed, picture(1)[8:24]) {
		t.Errorf("the picture lies open: %v", err)
	}
	if _, err := pool.Exec(t.Context(), "delete from eventstore.data_keys where subject = 'minnie'"); err != nil {
		t.Fatal(err)
	}
	n.Runtime.Vault.Forget(n.Tenant, "minnie")
	if see(t, n, 1) {
		t.Error("the picture of an erased user is shown")
	}
}

// Whoever is the last of many to set a picture, on whichever node, has it shown, and nothing else is left.
func TestRaceForTheAvatar(t *testing.T) {
	t.Parallel()
	n, kept := shelf(t)
	nodes := []*commandtest.Node{n, n.Another(t)}
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() {
			at := nodes[i%2]
			_, err := at.Users.SetAvatar(t.Context(), minnie(), user.SetAvatar{UserID: "minnie", Data: picture(1 + i%5)})
			if i%4 == 3 {
				_, err = at.Users.RemoveAvatar(t.Context(), minnie(), "minnie")
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	snap, err := n.UserStates.Load(t.Context(), n.Tenant, "minnie")
	if err != nil {
		t.Fatal(err)
	}
	want := 0
	if snap.State.Avatar != nil {
		want = 1
		if _, err := n.Users.Avatar(t.Context(), n.Tenant, "minnie", snap.State.Avatar.SHA256); err != nil {
			t.Errorf("the picture that the log names: %v", err)
		}
	}
	if kept() != want {
		t.Errorf("%d pictures are kept, want %d", kept(), want)
	}
}
