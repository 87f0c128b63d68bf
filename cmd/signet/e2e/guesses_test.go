package e2e_test

import (
	"context"
	"regexp"
	"sync"
	"testing"

	"connectrpc.com/connect"

	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
)

const (
	guesses  = 100
	attempts = 5 // the budget of one code
)

var codePattern = regexp.MustCompile(`\b[A-Z0-9]{6}\b`)

// codeIn finds a code in a text.
func codeIn(text string) string { return codePattern.FindString(text) }

// A hundred callers guess one code at the same moment. No more guesses than the budget are compared, however they meet,
// and then not even the right code helps.
func testParallelGuesses(t *testing.T, admin, other *client) {
	nodes := []*client{admin, other}
	newPassword := &userv2.Password{Password: "Correct-Horse-7"}

	for name, secret := range map[string]struct {
		issue func(ctx context.Context, id string) (string, error)
		guess func(ctx context.Context, c *client, id, code string) error
	}{
		"email": {
			issue: func(ctx context.Context, id string) (string, error) {
				res, err := admin.users.SendEmailCode(ctx, &userv2.SendEmailCodeRequest{
					UserId: id, Verification: &userv2.SendEmailCodeRequest_ReturnCode{ReturnCode: &userv2.ReturnEmailVerificationCode{}},
				})
				return res.GetVerificationCode(), err
			},
			guess: func(ctx context.Context, c *client, id, code string) error {
				_, err := c.users.VerifyEmail(ctx, &userv2.VerifyEmailRequest{UserId: id, VerificationCode: code})
				return err
			},
		},
		"phone": {
			issue: func(ctx context.Context, id string) (string, error) {
				res, err := admin.users.SetPhone(ctx, &userv2.SetPhoneRequest{
					UserId: id, Phone: "+41791234567",
					Verification: &userv2.SetPhoneRequest_ReturnCode{ReturnCode: &userv2.ReturnPhoneVerificationCode{}},
				})
				return res.GetVerificationCode(), err
			},
			guess: func(ctx context.Context, c *client, id, code string) error {
				_, err := c.users.VerifyPhone(ctx, &userv2.VerifyPhoneRequest{UserId: id, VerificationCode: code})
				return err
			},
		},
		"password": {
			issue: func(ctx context.Context, id string) (string, error) {
				res, err := admin.users.PasswordReset(ctx, &userv2.PasswordResetRequest{
					UserId: id, Medium: &userv2.PasswordResetRequest_ReturnCode{ReturnCode: &userv2.ReturnPasswordResetCode{}},
				})
				return res.GetVerificationCode(), err
			},
			guess: func(ctx context.Context, c *client, id, code string) error {
				_, err := c.users.SetPassword(ctx, &userv2.SetPasswordRequest{
					UserId: id, NewPassword: newPassword, Verification: &userv2.SetPasswordRequest_VerificationCode{VerificationCode: code},
				})
				return err
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			id := admin.add(t, verified(name+"-guessed@example.com"))
			code, err := secret.issue(t.Context(), id)
			if err != nil || !codePattern.MatchString(code) {
				t.Fatalf("code %q: %v", code, err)
			}
			wrong := "AAAAAA"
			if code == wrong {
				wrong = "BBBBBB"
			}
			answers := storm(nodes, func(c *client) error { return secret.guess(t.Context(), c, id, wrong) })
			compared := answers[connect.CodeInvalidArgument]
			spent := answers[connect.CodeResourceExhausted] + answers[connect.CodeFailedPrecondition]
			t.Logf("%d guesses: %v", guesses, answers)
			if compared == 0 || compared > attempts || compared+spent != guesses {
				t.Errorf("%d guesses were compared and %d refused unseen, of %d; at most %d may be compared", compared, spent, guesses, attempts)
			}
			switch err := secret.guess(t.Context(), admin, id, code); connect.CodeOf(err) {
			case connect.CodeResourceExhausted, connect.CodeFailedPrecondition:
			default:
				t.Errorf("the right code, too late: %v", err)
			}
		})
	}
}

// storm lets all guesses go at once, over the nodes in turn, and counts the answers.
func storm(nodes []*client, guess func(*client) error) map[connect.Code]int {
	var (
		mu      sync.Mutex
		wg      sync.WaitGroup
		ready   = make(chan struct{})
		answers = make(map[connect.Code]int) // 0 is success
	)
	for i := range guesses {
		wg.Go(func() {
			<-ready
			err := guess(nodes[i%len(nodes)])
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				answers[0]++
				return
			}
			answers[connect.CodeOf(err)]++
		})
	}
	close(ready)
	wg.Wait()
	return answers
}
