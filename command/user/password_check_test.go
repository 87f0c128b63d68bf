package user_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/password"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
)

func checkPassword(t testing.TB, n *commandtest.Node, as *permission.Caller, pw string) (user.Checked, error) {
	t.Helper()
	return n.Users.CheckPassword(t.Context(), as, user.CheckPassword{UserID: "minnie", Password: pw})
}

// hashed returns a hash of goodPassword of today's cost.
func hashed(t testing.TB) string {
	t.Helper()
	hash, err := password.NewHasher(password.Options{Random: rand.Reader}).Hash(t.Context(), goodPassword)
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

func TestCheckPassword(t *testing.T) {
	t.Parallel()
	check := func(pw string) func(context.Context, *commandtest.Node, *permission.Caller) error {
		return func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			_, err := n.Users.CheckPassword(ctx, as, user.CheckPassword{UserID: "minnie", Password: pw})
			return err
		}
	}
	known := []proto.Message{person(), &eventv1.UserPasswordChanged{Hash: hashed(t)}}
	then := func(events ...proto.Message) []proto.Message { return append(known[:2:2], events...) }
	costly := []proto.Message{person(), &eventv1.UserPasswordChanged{Hash: "$2b$31$abcdefghijklmnopqrstuuprk/rqhgcPTYTHLq52sX1mIsVNYyi5u"}}
	right, wrong := check(goodPassword), check("wrong")

	run(t, []scenario{
		{"right", known, admin(), right, nil, nil},
		{"right, whoever has it", known, stranger(), right, nil, nil},
		{"right, by oneself", known, minnie(), right, nil, nil},
		{"right, although another has to be chosen", []proto.Message{person(), &eventv1.UserPasswordChanged{Hash: hashed(t), ChangeRequired: true}}, admin(), right, nil, nil},
		{"right, after an unlock", then(&eventv1.UserLocked{}, &eventv1.UserUnlocked{}), admin(), right, nil, nil},
		{"wrong", known, admin(), wrong, nil, user.ErrWrongPassword},
		{"wrong, by a stranger", known, stranger(), wrong, nil, user.ErrWrongPassword},
		{"empty", known, admin(), check(""), nil, user.ErrWrongPassword},
		{"endless", known, admin(), check(strings.Repeat("x", 5000)), nil, user.ErrWrongPassword},
		{"of somebody locked", then(&eventv1.UserLocked{}), admin(), right, nil, user.ErrCannotSignIn},
		{"of somebody locked, by a stranger", then(&eventv1.UserLocked{}), stranger(), right, nil, user.ErrWrongPassword},
		{"of somebody inactive", then(&eventv1.UserDeactivated{}), admin(), right, nil, user.ErrCannotSignIn},
		{"of somebody inactive, by a stranger", then(&eventv1.UserDeactivated{}), stranger(), right, nil, user.ErrWrongPassword},
		{"of somebody removed", then(&eventv1.UserRemoved{}), admin(), right, nil, user.ErrPasswordNotFound},
		{"of nobody, by a stranger", nil, stranger(), right, nil, user.ErrWrongPassword},
		{"of a machine", []proto.Message{program()}, admin(), right, nil, user.ErrPasswordNotFound},
		{"of somebody without one", []proto.Message{person()}, admin(), right, nil, user.ErrPasswordNotSet},
		{"of somebody without one, by a stranger", []proto.Message{person()}, stranger(), right, nil, user.ErrWrongPassword},
		{"with a hash above today's limits, by a stranger", costly, stranger(), right, nil, user.ErrWrongPassword},
	})
}

// A proof counts for the state it was judged on, whatever node judges it.
func TestCheckedSaysOnWhichState(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", person(), &eventv1.UserPasswordChanged{Hash: hashed(t)})
	if checked, err := checkPassword(t, n, admin(), goodPassword); err != nil || checked != (user.Checked{Version: 2, Organization: "default"}) {
		t.Fatalf("%+v, %v", checked, err)
	}
	another := n.Another(t)
	if _, err := another.Users.Lock(t.Context(), admin(), "minnie"); err != nil {
		t.Fatal(err)
	}
	if checked, err := checkPassword(t, n, admin(), goodPassword); !errors.Is(err, user.ErrCannotSignIn) || checked != (user.Checked{}) {
		t.Errorf("locked on another node: %+v, %v", checked, err)
	}
	if _, err := another.Users.Unlock(t.Context(), admin(), "minnie"); err != nil {
		t.Fatal(err)
	}
	if checked, err := checkPassword(t, n, admin(), goodPassword); err != nil || checked.Version != 4 {
		t.Errorf("after the unlock: %+v, %v", checked, err)
	}
}

// Hashes of goodPassword of every kind that is taken over, and of today's kind at another cost.
func oldHashes() map[string]string {
	return map[string]string{
		"md5-crypt":           "$1$abcdefgh$kZes7grFcx9h1XLdOZ8LE1",
		"sha256-crypt":        foreignHash,
		"sha512-crypt":        "$6$abcdefgh$Hy3nhnZk2xhqm/hcKSo/x7S7qSFb2COZ9QiKN/mOKKxGc5kYUhHn0EiZ3e.n71cwBTclXfQWfUNw8H6vT8llt.",
		"sha1-crypt":          "$sha1$1000$abcdefgh$5YXU./axHCC8BTLk0s8p2pdR0aq/",
		"bcrypt 2a":           "$2a$05$abcdefghijklmnopqrstuuprk/rqhgcPTYTHLq52sX1mIsVNYyi5u",
		"bcrypt 2b":           "$2b$05$abcdefghijklmnopqrstuuprk/rqhgcPTYTHLq52sX1mIsVNYyi5u",
		"bcrypt 2y":           "$2y$05$abcdefghijklmnopqrstuuprk/rqhgcPTYTHLq52sX1mIsVNYyi5u",
		"bcrypt, wrapped":     "{CRYPT}$2b$05$abcdefghijklmnopqrstuuprk/rqhgcPTYTHLq52sX1mIsVNYyi5u",
		"yescrypt":            "$y$j9T$abcdefghijklmnop$6.46WUwOBiVsljClT7VzEjkeVL8aU4sOGcWzpvnxY77",
		"scrypt":              "$scrypt$ln=14,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$99jkQ8QWi4BvdfbGbcNPe/Debw4QmNQC5YjxUfLv5no",
		"PBKDF2 with SHA-1":   "$pbkdf2-sha1$2000$MDEyMzQ1Njc4OWFiY2RlZg$hgd/X8tkMTU7ZiGdUx7cXmkcQOM",
		"PBKDF2 with SHA-256": "$pbkdf2-sha256$2000$MDEyMzQ1Njc4OWFiY2RlZg$76O8g1BcHiCKAd0r/bnLCtu1TOp7LCbrXi1RIs.DmM0",
		"PBKDF2 with SHA-512": "$pbkdf2-sha512$2000$MDEyMzQ1Njc4OWFiY2RlZg$ITMiiX6rTTxSr2EouRYsmLeuTGMb/o3QU5S.N.zEzxGfIobLtLmCyJdfchw81OsrXS3CRlBPOwvEpgJOVGxKoA",
		"PBKDF2, wrapped":     "{PBKDF2-SHA256}2000$MDEyMzQ1Njc4OWFiY2RlZg$76O8g1BcHiCKAd0r/bnLCtu1TOp7LCbrXi1RIs.DmM0",
		"PBKDF2 with SHA-224": "$pbkdf2-sha224$100000$MDEyMzQ1Njc4OWFiY2RlZg$5WzpH05TpdwSJyErfmgsTZaVB7YbrVXjfE8HgA",
		"PBKDF2 with SHA-384": "$pbkdf2-sha384$100000$MDEyMzQ1Njc4OWFiY2RlZg$D.OLxJ46hBc7NEoVLiYWICqinBjbg0GKnaKg8JGxK3d/PRo9aVIA8qCvuIo7ATUV",
		"bcrypt-sha256":       "$bcrypt-sha256$v=2,t=2b,r=10$KBCwKxOzLha2MUDgW0PjXe$UaaNgdy6iJSdV55FVGk.tgNd5eX2IQa",
		"argon2d":             "$argon2d$v=19$m=8192,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$eX3a4TNlYf4dUBc2DeNJ4LnV42pAuqtZNhdwhHyhkpw",
		"argon2i":             "$argon2i$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$mX/kAcLZ5NcUpj4eoCbxlbHbk+PMmXYsu+/Ss4VISRk",
		"argon2id, cheaper":   "$argon2id$v=19$m=8192,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$CKSsJK9qlJgFyLPoDexFtevV3ObKPOZfg+n4/+9uQO0",
	}
}

// Whoever signs in with a hash of yesterday has one of today afterwards, of the same password, and stays signed in elsewhere.
func TestOldHashesAreReplaced(t *testing.T) {
	t.Parallel()
	warm := commandtest.New(t, database(t))
	for name, hash := range oldHashes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := warm.In(t, name)
			as := *admin()
			as.Tenant = name
			added := user.AddHuman{
				UserID: "minnie", Username: text("minnie"), Profile: user.Profile{GivenName: "Minnie", FamilyName: "Mouse"},
				Email: user.EmailChange{Address: "minnie@mouse.com"}, Password: &user.NewPassword{Hash: hash, ChangeRequired: true},
			}
			if _, err := n.Users.AddHuman(t.Context(), &as, added); err != nil {
				t.Fatal(err)
			}
			before, err := n.UserStates.Load(t.Context(), name, "minnie")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := checkPassword(t, n, &as, "Wrong-Horse-7"); !errors.Is(err, user.ErrWrongPassword) || n.Version(t, "minnie") != before.Version {
				t.Fatalf("a wrong one: %v", err)
			}
			checked, err := checkPassword(t, n, &as, goodPassword)
			if err != nil || checked.Version != before.Version+1 {
				t.Fatalf("%+v, %v", checked, err)
			}
			after, err := n.UserStates.Load(t.Context(), name, "minnie")
			if err != nil {
				t.Fatal(err)
			}
			if password.Outdated(after.State.PasswordHash) || !after.State.ChangeRequired || after.State.SessionsSince != before.State.SessionsSince {
				t.Errorf("hash %.20s, change required %t, sessions since %d, were since %d", after.State.PasswordHash,
					after.State.ChangeRequired, after.State.SessionsSince, before.State.SessionsSince)
			}
			if got := commandtest.Types(n.Recorded(t, "minnie", before.Version)); !slices.Equal(got, []string{"user.password.rehashed"}) {
				t.Errorf("recorded %q", got)
			}
			noSecretsInTheOpen(t, n, "minnie", after.State.PasswordHash[len("$argon2id$v=19$m=19456,t=2,p=1$"):])
			if checked, err = checkPassword(t, n, &as, goodPassword); err != nil || checked.Version != after.Version {
				t.Errorf("the next time: %+v, %v", checked, err)
			}
		})
	}
}

// serviceWith returns the node's service with a hasher of its own.
func serviceWith(n *commandtest.Node, hasher *password.Hasher) *user.Service {
	return user.New(user.Dependencies{
		Runtime: n.Runtime, Users: n.UserStates, Organizations: n.Homes, Providers: n.Providers, Passwords: hasher,
		Policies: n.Policies,
	})
}

// A sign-in does not fail because there is no new hash; the next one tries again.
func TestASignInWithoutANewHash(t *testing.T) {
	t.Parallel()
	n := withPassword(t)
	salts := io.MultiReader(bytes.NewReader(nil)) // none left
	s := serviceWith(n, password.NewHasher(password.Options{Random: salts}))
	checked, err := s.CheckPassword(t.Context(), admin(), user.CheckPassword{UserID: "minnie", Password: goodPassword})
	if err != nil || checked.Version != 2 || n.Version(t, "minnie") != 2 {
		t.Errorf("%+v, %v, %d events", checked, err, n.Version(t, "minnie"))
	}
	if checked, err := checkPassword(t, n, admin(), goodPassword); err != nil || checked.Version != 3 {
		t.Errorf("the next one: %+v, %v", checked, err)
	}
}

// Of many who sign in at once with a hash of yesterday all are let in, and one hash of today is recorded.
func TestManySignInWithAnOldHash(t *testing.T) {
	t.Parallel()
	n := withPassword(t)
	counts := together(t, n, 8, func(ctx context.Context, s *user.Service, _ int) error {
		_, err := s.CheckPassword(ctx, admin(), user.CheckPassword{UserID: "minnie", Password: goodPassword})
		return err
	})
	if counts["right"] != 8 {
		t.Errorf("answers: %v", counts)
	}
	if got := commandtest.Types(n.Recorded(t, "minnie", 2)); !slices.Equal(got, []string{"user.password.rehashed"}) {
		t.Errorf("recorded %q", got)
	}
}

// However many guess at once, no more passwords are compared than the limit allows: a guess is paid for before it is looked at.
func TestTwoHundredWrongPasswords(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", person(), &eventv1.UserPasswordChanged{Hash: hashed(t)})
	var compared atomic.Int64
	// One at a time, so that each comparison makes the hasher busy anew.
	hasher := password.NewHasher(password.Options{Random: rand.Reader, Parallel: 1, Waiting: 400, Busy: func(busy bool) {
		if busy {
			compared.Add(1)
		}
	}})
	s := serviceWith(n, hasher)
	counts := together(t, n, 200, func(ctx context.Context, _ *user.Service, _ int) error {
		_, err := s.CheckPassword(ctx, admin(), user.CheckPassword{UserID: "minnie", Password: "Wrong-Horse-7"})
		return err
	})
	if counts["wrong"] != 10 || counts["throttled"] != 190 || compared.Load() != 10 {
		t.Errorf("answers: %v, %d comparisons", counts, compared.Load())
	}
	if got := commandtest.Types(n.Recorded(t, "minnie", 2)); !slices.Equal(got, []string{"user.password.throttled"}) {
		t.Errorf("recorded %q", got)
	}
	if _, err := checkPassword(t, n, admin(), goodPassword); !errors.Is(err, user.ErrPasswordThrottled) {
		t.Errorf("the right one: %v", err)
	}
	if _, err := checkPassword(t, n, stranger(), goodPassword); !errors.Is(err, user.ErrWrongPassword) {
		t.Errorf("the right one, by a stranger: %v", err)
	}
	n.Clock.Advance(10 * time.Minute)
	if _, err := checkPassword(t, n, admin(), goodPassword); err != nil {
		t.Errorf("after the time is over: %v", err)
	}
}

func TestARightPasswordGivesTheGuessesBack(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", person(), &eventv1.UserPasswordChanged{Hash: hashed(t)})
	for range 2 {
		for i := range 9 {
			if _, err := checkPassword(t, n, admin(), "Wrong-Horse-7"); !errors.Is(err, user.ErrWrongPassword) {
				t.Fatalf("guess %d: %v", i+1, err)
			}
		}
		if _, err := checkPassword(t, n, admin(), goodPassword); err != nil {
			t.Fatal(err)
		}
	}
}

// Pretending is a comparison like any other: it takes its turn.
func TestPretend(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	var compared atomic.Int64
	s := serviceWith(n, password.NewHasher(password.Options{Parallel: 1, Busy: func(busy bool) {
		if busy {
			compared.Add(1)
		}
	}}))
	if err := s.Pretend(t.Context(), goodPassword); err != nil || compared.Load() != 1 {
		t.Errorf("%v, %d comparisons", err, compared.Load())
	}
	// So does whoever hears nothing of a user but that the password is wrong.
	n.Given(t, "minnie", person(), &eventv1.UserPasswordChanged{Hash: hashed(t)}, &eventv1.UserLocked{})
	for _, id := range []string{"minnie", "nobody"} {
		compared.Store(0)
		_, err := s.CheckPassword(t.Context(), stranger(), user.CheckPassword{UserID: id, Password: goodPassword})
		if !errors.Is(err, user.ErrWrongPassword) || compared.Load() != 1 {
			t.Errorf("%s: %v, %d comparisons", id, err, compared.Load())
		}
	}
}
