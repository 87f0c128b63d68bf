package user_test

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
)

func TestRecoveryCodeCommands(t *testing.T) {
	t.Parallel()
	add := func(count int) func(context.Context, *commandtest.Node, *permission.Caller) error {
		return func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			out, err := n.Users.AddRecoveryCodes(ctx, as, user.AddRecoveryCodes{UserID: "minnie", Count: count})
			want := count
			if count == 0 {
				want = 10
			}
			if err == nil && len(out.Codes) != want || err != nil && out.Codes != nil {
				return errors.New("a wrong number of codes")
			}
			return err
		}
	}
	remove := func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
		_, err := n.Users.RemoveRecoveryCodes(ctx, as, "minnie")
		return err
	}
	active := []proto.Message{person()}
	set := &eventv1.UserRecoveryCodesAdded{SetId: "s", Digests: [][]byte{[]byte("digest")}}
	having := []proto.Message{person(), set}
	spent := []proto.Message{person(), set, &eventv1.UserRecoveryCodeUsed{SetId: "s"}}
	removed := []proto.Message{person(), set, &eventv1.UserRecoveryCodesRemoved{}}
	added := []string{"user.recovery.codes.added"}

	run(t, []scenario{
		{"add", active, admin(), add(0), added, nil},
		{"add for oneself", active, minnie(), add(1), added, nil},
		{"add many", active, admin(), add(50), added, nil},
		{"add too many", active, admin(), add(51), nil, user.ErrRecoveryCodeCount},
		{"add less than none", active, admin(), add(-1), nil, user.ErrRecoveryCodeCount},
		{"add anew", having, minnie(), add(0), added, nil},
		{"add for a machine", []proto.Message{program()}, admin(), add(0), nil, user.ErrNoUser},
		{"add for nobody", nil, admin(), add(0), nil, user.ErrNoUser},
		{"remove", having, minnie(), remove, []string{"user.recovery.codes.removed"}, nil},
		{"remove used ones", spent, admin(), remove, []string{"user.recovery.codes.removed"}, nil},
		{"remove none", active, admin(), remove, nil, user.ErrNoRecoveryCodes},
		{"remove twice", removed, admin(), remove, nil, user.ErrNoRecoveryCodes},
	})
}

// recoverable returns a node on which minnie has recovery codes, and the codes.
func recoverable(t *testing.T) (*commandtest.Node, []string) {
	t.Helper()
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", person())
	out, err := n.Users.AddRecoveryCodes(t.Context(), minnie(), user.AddRecoveryCodes{UserID: "minnie"})
	if err != nil {
		t.Fatal(err)
	}
	return n, out.Codes
}

func recoverWith(t *testing.T, n *commandtest.Node, as *permission.Caller, code string) error {
	t.Helper()
	_, err := n.Users.UseRecoveryCode(t.Context(), as, user.UseRecoveryCode{UserID: "minnie", Code: code})
	return err
}

func TestRecoveryCodes(t *testing.T) {
	t.Parallel()
	n, codes := recoverable(t)
	noSecretsInTheOpen(t, n, "minnie", codes...)
	form := regexp.MustCompile(`^[2-9A-HJ-NP-Z]{6}-[2-9A-HJ-NP-Z]{6}$`)
	for i, code := range codes {
		if !form.MatchString(code) || slices.Contains(codes[i+1:], code) {
			t.Errorf("code %q", code)
		}
	}
	if err := recoverWith(t, n, stranger(), codes[3]); err != nil {
		t.Fatal(err)
	}
	used := n.Recorded(t, "minnie", 2)
	if len(used) != 1 || used[0].(*eventv1.UserRecoveryCodeUsed).GetIndex() != 3 {
		t.Errorf("recorded %v", used)
	}
	if err := recoverWith(t, n.Another(t), admin(), codes[3]); !errors.Is(err, user.ErrWrongRecoveryCode) {
		t.Errorf("a second time: %v", err)
	}
	if err := recoverWith(t, n, minnie(), " "+strings.ToLower(strings.ReplaceAll(codes[0], "-", " "))+"\n"); err != nil {
		t.Errorf("typed badly: %v", err)
	}
	if err := recoverWith(t, n, minnie(), ""); !errors.Is(err, user.ErrWrongRecoveryCode) {
		t.Errorf("no code: %v", err)
	}
	if _, err := n.Users.AddRecoveryCodes(t.Context(), minnie(), user.AddRecoveryCodes{UserID: "minnie", Count: 1}); err != nil {
		t.Fatal(err)
	}
	if err := recoverWith(t, n, minnie(), codes[1]); !errors.Is(err, user.ErrWrongRecoveryCode) {
		t.Errorf("a code of the earlier set: %v", err)
	}
}

func TestTenGuessesAtRecoveryCodes(t *testing.T) {
	t.Parallel()
	n, codes := recoverable(t)
	for i := range 10 {
		if err := recoverWith(t, n, minnie(), "AAAAAA-AAAAAA"); !errors.Is(err, user.ErrWrongRecoveryCode) {
			t.Fatalf("guess %d: %v", i+1, err)
		}
	}
	if got := commandtest.Types(n.Recorded(t, "minnie", 2)); !slices.Equal(got, []string{"user.recovery.code.throttled"}) {
		t.Errorf("recorded %q", got)
	}
	if err := recoverWith(t, n, minnie(), codes[0]); !errors.Is(err, user.ErrRecoveryThrottled) {
		t.Errorf("a right one, too late: %v", err)
	}
	if err := recoverWith(t, n, stranger(), codes[0]); !errors.Is(err, user.ErrWrongRecoveryCode) {
		t.Errorf("a right one, too late, by a stranger: %v", err)
	}
	n.Clock.Advance(10 * time.Minute)
	if err := recoverWith(t, n, minnie(), codes[0]); err != nil {
		t.Errorf("ten minutes later: %v", err)
	}
}

func TestManyWithRecoveryCodesAtOnce(t *testing.T) {
	t.Parallel()
	present := func(code string) func(context.Context, *user.Service, int) error {
		return func(ctx context.Context, s *user.Service, _ int) error {
			_, err := s.UseRecoveryCode(ctx, admin(), user.UseRecoveryCode{UserID: "minnie", Code: code})
			return err
		}
	}
	t.Run("all wrong", func(t *testing.T) {
		t.Parallel()
		n, _ := recoverable(t)
		if counts := together(t, n, 100, present("AAAAAA-AAAAAA")); counts["wrong"] != 10 || counts["throttled"] != 90 {
			t.Errorf("answers: %v", counts)
		}
		if got := commandtest.Types(n.Recorded(t, "minnie", 2)); !slices.Equal(got, []string{"user.recovery.code.throttled"}) {
			t.Errorf("recorded %q", got)
		}
	})
	t.Run("all the same", func(t *testing.T) {
		t.Parallel()
		n, codes := recoverable(t)
		if counts := together(t, n, 50, present(codes[0])); counts["right"] != 1 || counts["right"]+counts["wrong"]+counts["throttled"] != 50 {
			t.Errorf("answers: %v", counts)
		}
		// The right one gives the guesses back, so that the wrong ones may cross their limit before it and after.
		got := slices.DeleteFunc(commandtest.Types(n.Recorded(t, "minnie", 2)), func(e string) bool { return e == "user.recovery.code.throttled" })
		if !slices.Equal(got, []string{"user.recovery.code.used"}) {
			t.Errorf("recorded %q", got)
		}
	})
}
