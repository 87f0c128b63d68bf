package user_test

import (
	"context"
	"encoding/base64"
	"regexp"
	"testing"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
)

func TestSecrets(t *testing.T) {
	t.Parallel()
	set := func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
		out, err := n.Users.SetSecret(ctx, as, "minnie")
		if err != nil && out != (user.NewSecret{}) {
			t.Errorf("a refusal with an answer: %+v", out.Receipt)
		}
		return err
	}
	remove := func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
		_, err := n.Users.RemoveSecret(ctx, as, "minnie")
		return err
	}
	active := []proto.Message{program()}
	secret := []proto.Message{program(), &eventv1.UserMachineSecretSet{Hash: "x"}}
	removed := append(secret[:2:2], &eventv1.UserMachineSecretRemoved{})
	const added, gone = "user.machine.secret.set", "user.machine.secret.removed"

	run(t, []scenario{
		{"first", active, admin(), set, []string{added}, nil},
		{"by oneself", active, minnie(), set, []string{added}, nil},
		{"another", secret, owner(), set, []string{added}, nil},
		{"for a person", []proto.Message{person()}, admin(), set, nil, user.ErrNoSecretHolder},
		{"for a person, by oneself", []proto.Message{person()}, minnie(), set, nil, user.ErrNoSecretHolder},
		{"for a removed machine", []proto.Message{program(), &eventv1.UserRemoved{}}, admin(), set, nil, user.ErrNoSecretHolder},
		{"removed", secret, admin(), remove, []string{gone}, nil},
		{"removed by oneself", secret, minnie(), remove, []string{gone}, nil},
		{"removed twice", removed, admin(), remove, nil, user.ErrSecretNotFound},
		{"removed where none is", active, admin(), remove, nil, user.ErrSecretNotFound},
		{"removed from a person", []proto.Message{person()}, admin(), remove, nil, user.ErrNoSecretHolder},
	})
}

// The secret itself is in the answer and nowhere else; what the log has fits it, it alone and for this machine alone.
func TestWhatSetSecretRecords(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	n.Given(t, "robot", program())
	form := regexp.MustCompile(`^[A-Za-z0-9_-]{64}$`)
	var secrets, hashes [2]string
	for i := range secrets {
		out, err := n.Users.SetSecret(t.Context(), admin(), "robot")
		if err != nil || !form.MatchString(out.Secret) {
			t.Fatalf("a secret of %d characters, %v", len(out.Secret), err)
		}
		secrets[i], hashes[i] = out.Secret, n.Recorded(t, "robot", out.Receipt.Version-1)[0].(*eventv1.UserMachineSecretSet).GetHash()
		noSecretsInTheOpen(t, n, "robot", out.Secret, out.Secret[:20], hashes[i])
	}
	if secrets[0] == secrets[1] || hashes[0] == hashes[1] {
		t.Error("two secrets alike")
	}
	digest, err := n.Runtime.Vault.Digest(t.Context(), n.Tenant, "machine-secret:robot", secrets[1])
	if err != nil {
		t.Fatal(err)
	}
	snap, err := n.UserStates.Load(t.Context(), n.Tenant, "robot")
	if err != nil || snap.State.SecretHash != base64.RawURLEncoding.EncodeToString(digest) {
		t.Errorf("the newest secret is not the one that counts: %v", err)
	}
	if _, err := n.Users.Delete(t.Context(), admin(), "robot"); err != nil {
		t.Fatal(err)
	}
	if snap, err = n.UserStates.Load(t.Context(), n.Tenant, "robot"); err != nil || snap.State.SecretHash != "" {
		t.Errorf("a secret of a deleted machine: %v", err)
	}
}
