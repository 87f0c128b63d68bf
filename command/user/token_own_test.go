package user_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/bearer"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
)

func TestOwnTokens(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) // of the nodes' clock
	token := func(id string, expires time.Time) proto.Message {
		e := &eventv1.UserTokenAdded{TokenId: id, Digest: []byte(id), Name: "laptop"}
		if !expires.IsZero() {
			e.ExpiresAt = timestamppb.New(expires)
		}
		return e
	}
	create := func(what user.NewToken) func(context.Context, *commandtest.Node, *permission.Caller) error {
		return func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			out, err := n.Users.CreateToken(ctx, as, user.CreateToken{UserID: "minnie", NewToken: what})
			if (err == nil) != bearer.WellFormed(out.Token) {
				t.Errorf("token %q, %v", out.Token, err)
			}
			return err
		}
	}
	update := func(set *user.NewToken) func(context.Context, *commandtest.Node, *permission.Caller) error {
		return func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			out, err := n.Users.UpdateToken(ctx, as, user.UpdateToken{UserID: "minnie", TokenID: "t", Set: set})
			if err == nil && set != nil && out.Name != set.Name {
				t.Errorf("name %q", out.Name)
			}
			return err
		}
	}
	expire := func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
		_, err := n.Users.ExpireToken(ctx, as, user.ExpireToken{UserID: "minnie", TokenID: "t"})
		return err
	}
	regenerate := func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
		out, err := n.Users.RegenerateToken(ctx, as, user.RegenerateToken{UserID: "minnie", TokenID: "t"})
		if (err == nil) != (bearer.WellFormed(out.Token) && out.ID == "t") {
			t.Errorf("token %q %q, %v", out.ID, out.Token, err)
		}
		return err
	}
	full := func(last ...proto.Message) []proto.Message {
		history := []proto.Message{person()}
		for i := range 100 - len(last) {
			history = append(history, token(fmt.Sprint(i), time.Time{}))
		}
		return append(history, last...)
	}
	forced := []proto.Message{person(), token("t", time.Time{}), &eventv1.UserTokenExpired{TokenId: "t"}}
	over := []proto.Message{person(), token("t", now)}
	good := []proto.Message{person(), token("t", now.Add(time.Hour))}

	run(t, []scenario{
		{"made by a person", []proto.Message{person()}, minnie(), create(user.NewToken{Name: "laptop"}), []string{"user.token.added"}, nil},
		{"made by a machine", []proto.Message{program()}, minnie(), create(user.NewToken{}), []string{"user.token.added"}, nil},
		{"made for somebody else", []proto.Message{person()}, stranger(), create(user.NewToken{}), nil, permission.ErrDenied},
		{"named in 200 characters", []proto.Message{person()}, minnie(), create(user.NewToken{Name: strings.Repeat("ä", 200)}), []string{"user.token.added"}, nil},
		{"named in 201 characters", []proto.Message{person()}, minnie(), create(user.NewToken{Name: strings.Repeat("ä", 201)}), nil, user.ErrTokenName},
		{"name with a line break", []proto.Message{person()}, minnie(), create(user.NewToken{Name: "a\nb"}), nil, user.ErrTokenName},
		{"expired from the start", []proto.Message{person()}, minnie(), create(user.NewToken{ExpiresAt: now}), nil, user.ErrExpiryInThePast},
		{"one too many", full(), minnie(), create(user.NewToken{}), nil, user.ErrTokensExhausted},
		{"an expired one makes room", full(token("t", now)), minnie(), create(user.NewToken{}), []string{"user.token.removed", "user.token.added"}, nil},
		{"one expired by force makes room", append(full(token("t", time.Time{})), &eventv1.UserTokenExpired{TokenId: "t"}), minnie(),
			create(user.NewToken{}), []string{"user.token.removed", "user.token.added"}, nil},

		{"renamed", good, minnie(), update(&user.NewToken{Name: "phone", ExpiresAt: now.Add(time.Hour)}), []string{"user.token.changed"}, nil},
		{"for ever", good, minnie(), update(&user.NewToken{Name: "laptop"}), []string{"user.token.changed"}, nil},
		{"as it is", good, minnie(), update(&user.NewToken{Name: "laptop", ExpiresAt: now.Add(time.Hour)}), nil, nil},
		{"nothing", good, minnie(), update(nil), nil, nil},
		{"until now", good, minnie(), update(&user.NewToken{ExpiresAt: now}), nil, user.ErrExpiryInThePast},
		{"renamed when it is over", over, minnie(), update(&user.NewToken{Name: "phone", ExpiresAt: now}), []string{"user.token.changed"}, nil},
		{"longer when it is over", over, minnie(), update(&user.NewToken{Name: "laptop"}), []string{"user.token.changed"}, nil},
		{"longer in spite of force", forced, minnie(), update(&user.NewToken{Name: "laptop"}), nil, nil},
		{"unknown", []proto.Message{person()}, minnie(), update(nil), nil, user.ErrTokenNotFound},

		{"expired", good, minnie(), expire, []string{"user.token.expired"}, nil},
		{"expired twice", forced, minnie(), expire, nil, nil},
		{"expired when it is over", over, minnie(), expire, []string{"user.token.expired"}, nil},
		{"expired by somebody else", good, stranger(), expire, nil, permission.ErrDenied},
		{"expired unknown", []proto.Message{person()}, minnie(), expire, nil, user.ErrTokenNotFound},

		{"regenerated", good, minnie(), regenerate, []string{"user.token.regenerated"}, nil},
		{"regenerated by somebody else", good, stranger(), regenerate, nil, permission.ErrDenied},
		{"regenerated when it is over", over, minnie(), regenerate, nil, user.ErrTokenExpired},
		{"regenerated after force", forced, minnie(), regenerate, nil, user.ErrTokenExpired},
		{"regenerated unknown", []proto.Message{person()}, minnie(), regenerate, nil, user.ErrTokenNotFound},
	})
}

// Whatever ends a token or its value: the bearer is refused by the next request, and the new value is good where there is one.
func TestAnEndedValueIsNoBearer(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(ctx context.Context, s *user.Service, id string) (string, error){
		"expired": func(ctx context.Context, s *user.Service, id string) (string, error) {
			_, err := s.ExpireToken(ctx, minnie(), user.ExpireToken{UserID: "minnie", TokenID: id})
			return "", err
		},
		"regenerated": func(ctx context.Context, s *user.Service, id string) (string, error) {
			out, err := s.RegenerateToken(ctx, minnie(), user.RegenerateToken{UserID: "minnie", TokenID: id})
			return out.Token, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := commandtest.New(t, database(t))
			n.Given(t, "minnie", person())
			made, err := n.Users.CreateToken(t.Context(), minnie(), user.CreateToken{UserID: "minnie"})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := n.Access.Authenticate(t.Context(), made.Token); err != nil {
				t.Fatalf("a new token: %v", err)
			}
			next, err := end(t.Context(), n.Users, made.ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, node := range []*commandtest.Node{n, n.Another(t)} {
				if _, err := node.Access.Authenticate(t.Context(), made.Token); err == nil {
					t.Error("the old value gets in")
				}
				if next == "" {
					continue
				}
				if caller, err := node.Access.Authenticate(t.Context(), next); err != nil || caller.UserID != "minnie" {
					t.Errorf("the new value: %v", err)
				}
			}
			noSecretsInTheOpen(t, n, "minnie", made.Token, made.Token[4:20])
		})
	}
}

// However many tokens are made at once, there are never more than a hundred.
func TestTokensMadeAtOnce(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	history := []proto.Message{person()}
	for i := range 95 {
		history = append(history, &eventv1.UserTokenAdded{TokenId: fmt.Sprint(i), Digest: fmt.Append(nil, i)})
	}
	n.Given(t, "minnie", history...)
	var made atomic.Int32
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			switch _, err := n.Users.CreateToken(context.Background(), minnie(), user.CreateToken{UserID: "minnie"}); {
			case err == nil:
				made.Add(1)
			case !errors.Is(err, user.ErrTokensExhausted):
				t.Error(err)
			}
		})
	}
	all.Wait()
	if made.Load() != 5 {
		t.Errorf("%d tokens were made where there was room for 5", made.Load())
	}
}
