package user_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
)

// passkeyCoded returns a node on which minnie has a passkey code, and the code.
func passkeyCoded(t testing.TB) (*commandtest.Node, user.PasskeyProof) {
	t.Helper()
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", person())
	return n, passkeyCode(t, n)
}

func passkeyCode(t testing.TB, n *commandtest.Node) user.PasskeyProof {
	t.Helper()
	out, err := n.Users.RequestPasskeyCode(t.Context(), admin(), user.RequestCode{UserID: "minnie", Verification: user.Return{}})
	if err != nil {
		t.Fatal(err)
	}
	return user.PasskeyProof{ID: out.ID, Code: out.Code}
}

func enrolBy(t testing.TB, n *commandtest.Node, as *permission.Caller, proof user.PasskeyProof) (user.Registration, error) {
	t.Helper()
	return n.Users.RegisterPasskey(t.Context(), as, user.RegisterPasskey{UserID: "minnie", Code: &proof})
}

// The cases share a clock and follow each other.
func TestRegisterPasskeyByCode(t *testing.T) {
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", person())
	for name, c := range map[string]struct {
		by    *permission.Caller
		proof func(right user.PasskeyProof) user.PasskeyProof
		wait  time.Duration
		want  error
	}{
		"right":              {by: minnie()},
		"right, by anybody":  {by: stranger()},
		"right, just so":     {by: stranger(), wait: time.Hour - time.Second},
		"right, too late":    {by: stranger(), wait: time.Hour, want: user.ErrWrongCode},
		"right, typed badly": {by: stranger(), proof: func(p user.PasskeyProof) user.PasskeyProof { p.Code = " " + strings.ToLower(p.Code) + "\n"; return p }},
		"wrong":              {by: stranger(), proof: func(p user.PasskeyProof) user.PasskeyProof { p.Code = wrong(p.Code); return p }, want: user.ErrWrongCode},
		"wrong, by minnie":   {by: minnie(), proof: func(p user.PasskeyProof) user.PasskeyProof { p.Code = wrong(p.Code); return p }, want: user.ErrWrongCode},
		"wrong, by an admin": {by: admin(), proof: func(p user.PasskeyProof) user.PasskeyProof { p.Code = wrong(p.Code); return p }, want: user.ErrWrongCode},
		"empty":              {by: stranger(), proof: func(p user.PasskeyProof) user.PasskeyProof { p.Code = ""; return p }, want: user.ErrWrongCode},
		"of another id":      {by: stranger(), proof: func(p user.PasskeyProof) user.PasskeyProof { p.ID = "other"; return p }, want: user.ErrWrongCode},
		"of no id":           {by: stranger(), proof: func(p user.PasskeyProof) user.PasskeyProof { p.ID = ""; return p }, want: user.ErrWrongCode},
	} {
		t.Run(name, func(t *testing.T) {
			proof := passkeyCode(t, n)
			if len(proof.Code) != 12 {
				t.Errorf("a code of %d characters", len(proof.Code))
			}
			if c.proof != nil {
				proof = c.proof(proof)
			}
			n.Clock.Advance(c.wait)
			before := n.Version(t, "minnie")
			begun, err := enrolBy(t, n, c.by, proof)
			if !errors.Is(err, c.want) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			events := commandtest.Types(n.Recorded(t, "minnie", before))
			if c.want != nil {
				if len(events) > 0 || len(begun.Options) > 0 {
					t.Errorf("recorded %q", events)
				}
				return
			}
			if strings.Join(events, " ") != "user.webauthn.added user.passkey.code.used" {
				t.Errorf("recorded %q", events)
			}
			if err := finish(t, n, stranger(), begun.ID, newDevice("ES256").create(t, begun.Options)); err != nil {
				t.Errorf("the passkey: %v", err)
			}
			if _, err := enrolBy(t, n, c.by, proof); !errors.Is(err, user.ErrWrongCode) {
				t.Errorf("a second time: %v", err)
			}
		})
	}
}

func TestPasskeyCodesStandBesideEachOther(t *testing.T) {
	t.Parallel()
	n, first := passkeyCoded(t)
	second := passkeyCode(t, n)
	if _, err := enrolBy(t, n, stranger(), user.PasskeyProof{ID: first.ID, Code: second.Code}); !errors.Is(err, user.ErrWrongCode) {
		t.Errorf("the code of another id: %v", err)
	}
	for _, proof := range []user.PasskeyProof{first, second} {
		if _, err := enrolBy(t, n, stranger(), proof); err != nil {
			t.Errorf("%v", err)
		}
	}
	n.Given(t, "other", person())
	if _, err := n.Users.RegisterPasskey(t.Context(), stranger(), user.RegisterPasskey{UserID: "other", Code: &first}); !errors.Is(err, user.ErrWrongCode) {
		t.Errorf("the code of another user: %v", err)
	}
	if _, err := n.Users.RegisterPasskey(t.Context(), admin(), user.RegisterPasskey{UserID: "nobody", Code: &first}); !errors.Is(err, user.ErrWrongCode) {
		t.Errorf("the code of nobody: %v", err)
	}
}

func TestSoManyPasskeyCodes(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", person())
	ask := func() error {
		_, err := n.Users.RequestPasskeyCode(t.Context(), admin(), user.RequestCode{UserID: "minnie"})
		return err
	}
	for i := range 10 {
		if err := ask(); err != nil {
			t.Fatalf("code %d: %v", i+1, err)
		}
	}
	if err := ask(); !errors.Is(err, user.ErrTooManyCodes) {
		t.Errorf("code 11: %v", err)
	}
	n.Clock.Advance(time.Hour)
	if err := ask(); err != nil {
		t.Errorf("once they are expired: %v", err)
	}
	snap, err := n.UserStates.Load(t.Context(), n.Tenant, "minnie")
	if err != nil || len(snap.State.PasskeyCodes) != 1 {
		t.Errorf("%d codes are remembered, %v", len(snap.State.PasskeyCodes), err)
	}
}

func TestRequestPasskeyCode(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", person())
	n.Given(t, "robot", program())
	const link = "https://example.com/{{.UserID}}/{{.OrgID}}/{{.CodeID}}/{{.Code}}"
	for name, c := range map[string]struct {
		by   *permission.Caller
		id   string
		how  user.Verification
		want error
	}{
		"by mail":          {admin(), "minnie", nil, nil},
		"with a link":      {admin(), "minnie", user.Send{URLTemplate: link}, nil},
		"returned":         {admin(), "minnie", user.Return{}, nil},
		"as verified":      {admin(), "minnie", user.Verified{}, user.ErrVerification},
		"as unverified":    {admin(), "minnie", user.Unverified{}, user.ErrVerification},
		"with a bad link":  {admin(), "minnie", user.Send{URLTemplate: "https://example.com/{{.Secret}}"}, user.ErrInvalidTemplate},
		"by oneself":       {minnie(), "minnie", nil, nil},
		"by somebody else": {stranger(), "minnie", nil, permission.ErrDenied},
		"of a machine":     {admin(), "robot", nil, user.ErrNotFound},
		"of nobody":        {admin(), "nobody", nil, user.ErrNotFound},
		"a link of nobody": {admin(), "nobody", user.Send{URLTemplate: "{{"}, user.ErrInvalidTemplate},
	} {
		out, err := n.Users.RequestPasskeyCode(t.Context(), c.by, user.RequestCode{UserID: c.id, Verification: c.how})
		if !errors.Is(err, c.want) || (out.Code != "") != (name == "returned") || (out.ID != "") != (c.want == nil) {
			t.Errorf("%s: %v, %v, want %v", name, out, err, c.want)
		}
	}
}

func TestPasskeyCodesThatTravel(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", person())
	out, err := n.Users.RequestPasskeyCode(t.Context(), admin(), user.RequestCode{UserID: "minnie"})
	if err != nil {
		t.Fatal(err)
	}
	codes := codesTravel(t, n, "minnie", 1)
	if len(codes[0]) != 12 {
		t.Errorf("a code of %d characters travels", len(codes[0]))
	}
	noSecretsInTheOpen(t, n, "minnie", codes...)
	added := n.Recorded(t, "minnie", 1)[0].(*eventv1.UserPasskeyCodeAdded)
	if added.GetCodeId() != out.ID || added.GetCode().GetMedium() != eventv1.CodeMedium_CODE_MEDIUM_EMAIL {
		t.Errorf("recorded %v", added)
	}
	if _, err := enrolBy(t, n, stranger(), user.PasskeyProof{ID: out.ID, Code: codes[0]}); err != nil {
		t.Errorf("the code that was sent: %v", err)
	}
}

// enrolAtOnce makes many guesses at once, on two nodes, and counts the answers by their reason.
func enrolAtOnce(t *testing.T, n *commandtest.Node, proofs []user.PasskeyProof) map[string]int {
	t.Helper()
	nodes := []*commandtest.Node{n, n.Another(t)}
	results := make([]error, len(proofs))
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i, proof := range proofs {
		wg.Go(func() {
			<-start
			_, results[i] = nodes[i%2].Users.RegisterPasskey(t.Context(), admin(), user.RegisterPasskey{UserID: "minnie", Code: &proof})
		})
	}
	close(start)
	wg.Wait()
	counts := map[string]int{}
	for _, err := range results {
		switch {
		case err == nil:
			counts["right"]++
		case errors.Is(err, user.ErrWrongCode):
			counts["wrong"]++
		case errors.Is(err, user.ErrCodeBlocked):
			counts["blocked"]++
		default:
			counts[err.Error()]++
		}
	}
	return counts
}

func TestAHundredParallelGuessesAtAPasskeyCode(t *testing.T) {
	t.Parallel()
	t.Run("all wrong", func(t *testing.T) {
		t.Parallel()
		n, proof := passkeyCoded(t)
		right := proof
		proof.Code = wrong(proof.Code)
		if counts := enrolAtOnce(t, n, repeated(proof, 100)); counts["wrong"] != 5 || counts["blocked"] != 95 {
			t.Errorf("answers: %v", counts)
		}
		events := n.Recorded(t, "minnie", 2)
		if got := commandtest.Types(events); len(got) != 1 || got[0] != "user.passkey.code.blocked" {
			t.Fatalf("recorded %q", got)
		}
		if blocked := events[0].(*eventv1.UserPasskeyCodeBlocked); blocked.GetCodeId() != proof.ID || blocked.GetAttempts() != 5 {
			t.Errorf("recorded %v", blocked)
		}
		if _, err := enrolBy(t, n, admin(), right); !errors.Is(err, user.ErrCodeBlocked) {
			t.Errorf("the right code, too late: %v", err)
		}
		if _, err := enrolBy(t, n, stranger(), right); !errors.Is(err, user.ErrWrongCode) {
			t.Errorf("the right code, by a stranger, too late: %v", err)
		}
		if _, err := enrolBy(t, n, stranger(), passkeyCode(t, n)); err != nil {
			t.Errorf("another code: %v", err)
		}
	})
	t.Run("all right", func(t *testing.T) {
		t.Parallel()
		n, proof := passkeyCoded(t)
		if counts := enrolAtOnce(t, n, repeated(proof, 100)); counts["right"] != 1 || counts["right"]+counts["wrong"]+counts["blocked"] != 100 {
			t.Errorf("answers: %v", counts)
		}
		if got := commandtest.Types(n.Recorded(t, "minnie", 2)); strings.Join(got, " ") != "user.webauthn.added user.passkey.code.used" {
			t.Errorf("recorded %q", got)
		}
	})
	t.Run("one right", func(t *testing.T) {
		t.Parallel()
		n, proof := passkeyCoded(t)
		bad := proof
		bad.Code = wrong(proof.Code)
		proofs := repeated(bad, 100)
		proofs[20] = proof
		counts := enrolAtOnce(t, n, proofs)
		if counts["right"]+counts["wrong"] < 5 || counts["right"]+counts["wrong"]+counts["blocked"] != 100 {
			t.Errorf("answers: %v", counts)
		}
		if counts["right"] == 0 && counts["wrong"] != 5 {
			t.Errorf("more than five comparisons: %v", counts)
		}
	})
}

func repeated(proof user.PasskeyProof, times int) []user.PasskeyProof {
	out := make([]user.PasskeyProof, times)
	for i := range out {
		out[i] = proof
	}
	return out
}
