package signin_test

import (
	"context"
	"testing"
	"time"

	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/signin"
)

// paced returns a node's service that notes how long it waits.
func paced(n *commandtest.Node) (*signin.Service, *[]time.Duration) {
	waits := new([]time.Duration)
	d := n.SignInDependencies()
	d.Pause = func(_ context.Context, wait time.Duration) { *waits = append(*waits, wait) }
	return signin.New(d), waits
}

// On a clock that stands the answer has taken no time, and waits for the first beat.
func TestAnswersThatMightTellSomethingWait(t *testing.T) {
	t.Parallel()
	const beat, slowBeat = 25 * time.Millisecond, 100 * time.Millisecond
	n := scene(t)
	add(t, n, person{id: "daisy", email: "daisy@duck.com", unproven: true})
	secret, _ := robot(t, n)
	ctx := context.Background()
	asked := func(_ string, err error) error { return err }
	signed := func(_ signin.SignedIn, err error) error { return err }
	for name, c := range map[string]struct {
		do   func(*signin.Service) error
		want time.Duration
	}{
		"a sign-in":     {func(s *signin.Service) error { return signed(s.Login(ctx, minnieWith(goodPassword), false)) }, 0},
		"a refused one": {func(s *signin.Service) error { return signed(s.Login(ctx, minnieWith("wrong"), false)) }, beat},
		"a stranger's": {func(s *signin.Service) error {
			return signed(s.Login(ctx, signin.Credentials{Identifier: byUsername("nobody"), Password: "wrong"}, false))
		}, beat},
		"a program's": {func(s *signin.Service) error {
			return signed(s.LoginClient(ctx, signin.Client{ID: "robot", Secret: secret}))
		}, 0},
		"a program's, refused": {func(s *signin.Service) error {
			return signed(s.LoginClient(ctx, signin.Client{ID: "robot", Secret: "wrong"}))
		}, beat},
		"a reset":                   {func(s *signin.Service) error { return asked(s.RequestPasswordReset(ctx, byEmail(email))) }, slowBeat},
		"a stranger's reset":        {func(s *signin.Service) error { return asked(s.RequestPasswordReset(ctx, byEmail("x@y.z"))) }, slowBeat},
		"a verification":            {func(s *signin.Service) error { return asked(s.RequestVerification(ctx, byEmail("daisy@duck.com"))) }, slowBeat},
		"a stranger's verification": {func(s *signin.Service) error { return asked(s.RequestVerification(ctx, byEmail("x@y.z"))) }, slowBeat},
		"a wrong reset code": {func(s *signin.Service) error {
			return s.ResetPassword(ctx, signin.ResetPassword{NewPassword: nextPassword})
		}, beat},
		"a wrong email code":   {func(s *signin.Service) error { return s.VerifyEmail(ctx, email, "x", "x") }, beat},
		"a wrong phone code":   {func(s *signin.Service) error { return s.VerifyPhone(ctx, phone, "x") }, beat},
		"a weak new password":  {func(s *signin.Service) error { return s.ResetPassword(ctx, signin.ResetPassword{NewPassword: "weak"}) }, beat},
		"a wrong registration": {func(s *signin.Service) error { return signed(s.Register(ctx, signin.Credentials{}, false)) }, 0},
	} {
		s, waits := paced(n)
		_ = c.do(s)
		switch {
		case c.want == 0 && len(*waits) != 0:
			t.Errorf("%s waits %v", name, *waits)
		case c.want != 0 && (len(*waits) != 1 || (*waits)[0] != c.want):
			t.Errorf("%s waits %v, want %v", name, *waits, c.want)
		}
	}
}

// Whoever gives up does not keep the server waiting.
func TestAWaitEndsWithTheRequest(t *testing.T) {
	t.Parallel()
	n := scene(t)
	d := n.SignInDependencies()
	d.Pause = nil
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s := signin.New(d)
	_, err := s.Login(ctx, minnieWith("wrong"), false)
	refused(t, "a real wait", err, signin.ErrRejected)
	cancel()
	if _, err := s.Login(ctx, minnieWith("wrong"), false); err == nil {
		t.Error("no refusal")
	}
}
