package user_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
)

func TestUpdateMachine(t *testing.T) {
	t.Parallel()
	update := func(req user.UpdateMachine) func(context.Context, *commandtest.Node, *permission.Caller) error {
		return func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			req := req
			req.UserID = "minnie"
			receipt, err := n.Users.UpdateMachine(ctx, as, req)
			if err == nil && receipt.Version != n.Version(t, "minnie") {
				t.Errorf("receipt of version %d", receipt.Version)
			}
			return err
		}
	}
	active := []proto.Message{program()}
	described := []proto.Message{program(), &eventv1.UserMachineChanged{Name: "Robot", Description: "Beeps"}}
	entries := []user.MetadataEntry{{"a", []byte("x")}}

	run(t, []scenario{
		{"everything", active, admin(), update(user.UpdateMachine{Username: text("r2"), Name: text("Rob"), Description: text("Beeps"), Metadata: entries}),
			[]string{"user.username.changed", "user.machine.changed", "user.metadata.set"}, nil},
		{"nothing", active, minnie(), update(user.UpdateMachine{}), nil, nil},
		{"what is there already", described, minnie(), update(user.UpdateMachine{Username: text(" robot "), Name: text("Robot"), Description: text("Beeps")}), nil, nil},
		{"by oneself", active, minnie(), update(user.UpdateMachine{Name: text("Rob")}), []string{"user.machine.changed"}, nil},
		{"description cleared", described, admin(), update(user.UpdateMachine{Description: text("")}), []string{"user.machine.changed"}, nil},
		{"metadata by oneself", active, minnie(), update(user.UpdateMachine{Metadata: entries}), []string{"user.metadata.set"}, nil},
		{"username of somebody else", active, admin(), update(user.UpdateMachine{Username: text("ADMIN"), Name: text("Rob")}), nil, user.ErrUsernameTaken},
		{"username blank", active, admin(), update(user.UpdateMachine{Username: text(" ")}), nil, user.ErrInvalidUsername},
		{"name blank", active, admin(), update(user.UpdateMachine{Name: text(" ")}), nil, user.ErrInvalidMachine},
		{"name of 201 characters", active, admin(), update(user.UpdateMachine{Name: text(strings.Repeat("ä", 201))}), nil, user.ErrInvalidMachine},
		{"description of 501 characters", active, admin(), update(user.UpdateMachine{Description: text(strings.Repeat("ä", 501))}), nil, user.ErrInvalidMachine},
		{"signed tokens", active, admin(), update(user.UpdateMachine{SignedTokens: new(true)}), []string{"user.machine.changed"}, nil},
		{"unsigned tokens, as before", active, admin(), update(user.UpdateMachine{SignedTokens: new(false)}), nil, nil},
		{"a person", []proto.Message{person()}, admin(), update(user.UpdateMachine{Name: text("Rob")}), nil, user.ErrNotFound},
		{"nobody", nil, admin(), update(user.UpdateMachine{Name: text("Rob")}), nil, user.ErrNotFound},
		{"a removed machine", []proto.Message{program(), &eventv1.UserRemoved{}}, admin(), update(user.UpdateMachine{Name: text("Rob")}), nil, user.ErrNotFound},
	})
}

// What is not named stays, and the earlier username is free.
func TestUpdateMachineKeepsTheRest(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	added, err := n.Users.AddMachine(t.Context(), admin(), user.AddMachine{
		UserID: "r", Username: text("r2"), Name: "Robot", Description: "Beeps", Metadata: []user.MetadataEntry{{"a", []byte("x")}},
	})
	if err != nil || added.Receipt.Version != 2 {
		t.Fatalf("%+v, %v", added.Receipt, err)
	}
	if _, err := n.Users.UpdateMachine(t.Context(), admin(), user.UpdateMachine{UserID: "r", Username: text("c3"), Name: text("Rob")}); err != nil {
		t.Fatal(err)
	}
	log := n.Recorded(t, "r", 2)
	if want := (&eventv1.UserMachineChanged{Name: "Rob", Description: "Beeps"}); !proto.Equal(log[len(log)-1], want) {
		t.Errorf("recorded %v", log)
	}
	if _, err := n.Users.AddMachine(t.Context(), admin(), user.AddMachine{Username: text("R2"), Name: "Robot"}); err != nil {
		t.Errorf("the earlier name: %v", err)
	}
	if _, err := n.Users.AddMachine(t.Context(), admin(), user.AddMachine{Username: text("C3"), Name: "Robot"}); !errors.Is(err, user.ErrUsernameTaken) {
		t.Errorf("the name: %v", err)
	}
}
