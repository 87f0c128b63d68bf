package e2e_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"connectrpc.com/connect"
	"golang.org/x/time/rate"

	inboxv1 "github.com/signet-iam/signet/api/gen/signet/inbox/v1"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
)

// load keeps writers busy and remembers every write that was acknowledged, so that it can be asked for afterwards.
type load struct {
	t      testing.TB
	client *client
	// tolerates says whether a writer may meet an error and go on.
	tolerates func(error) bool
	limit     *rate.Limiter

	acknowledged atomic.Int64 // writes
	refused      atomic.Int64 // writes
	behind       atomic.Int64 // reads that were told to come again

	mu     sync.Mutex
	people []*human

	stop    context.CancelFunc
	writers sync.WaitGroup
}

// human is what is known of a user that was added. One writer changes it, by counting in the nickname.
type human struct {
	id, email string
	// The nickname is at least what was acknowledged and at most what was tried.
	acknowledged, tried atomic.Int64
}

const writers = 8

// newLoad starts writers, at most so many writes a second. They end with drain, or with the test.
func newLoad(t testing.TB, c *client, perSecond rate.Limit, tolerates func(error) bool) *load {
	ctx, cancel := context.WithCancel(t.Context())
	l := &load{t: t, client: c, tolerates: tolerates, stop: cancel, limit: rate.NewLimiter(perSecond, writers)}
	for writer := range writers {
		l.writers.Go(func() { l.write(ctx, writer) })
	}
	t.Cleanup(l.drain)
	return l
}

// drain ends the writers once their requests have.
func (l *load) drain() {
	l.stop()
	l.writers.Wait()
}

// write adds users, and changes one of its own after each.
func (l *load) write(ctx context.Context, writer int) {
	var own []*human
	for i := 0; l.limit.Wait(ctx) == nil; i++ {
		if i%2 == 1 && len(own) > 0 {
			l.rename(own[i/2%len(own)])
			continue
		}
		h := &human{id: fmt.Sprintf("load-%d-%d", writer, i), email: fmt.Sprintf("load-%d-%d@example.com", writer, i)}
		if l.add(h) {
			own = append(own, h)
		}
	}
}

// Requests under way are let finish, hence the test's context.
func (l *load) add(h *human) bool {
	r := person(h.email)
	r.UserId = &h.id
	if _, err := l.client.users.AddHumanUser(l.t.Context(), r); !l.accepted("add", err) {
		return false
	}
	l.mu.Lock()
	l.people = append(l.people, h)
	l.mu.Unlock()
	return true
}

func (l *load) rename(h *human) {
	nick := h.tried.Add(1)
	name := strconv.FormatInt(nick, 10)
	_, err := l.client.users.UpdateHumanUser(l.t.Context(), &userv2.UpdateHumanUserRequest{
		UserId: h.id, Profile: &userv2.SetHumanProfile{GivenName: "Ada", FamilyName: "Lovelace", NickName: &name},
	})
	if l.accepted("update", err) {
		h.acknowledged.Store(nick)
	}
}

// accepted notes the outcome of a write.
func (l *load) accepted(what string, err error) bool {
	switch {
	case err == nil:
		l.acknowledged.Add(1)
		return true
	case l.t.Context().Err() == nil && !l.tolerates(err):
		l.t.Errorf("%s: %v", what, err)
	}
	l.refused.Add(1)
	return false
}

// await waits for so many more acknowledged writes.
func (l *load) await(more int) {
	l.t.Helper()
	reach(l.t, "acknowledged writes", l.acknowledged.Load()+int64(more), l.acknowledged.Load)
}

// known returns everybody whose addition was acknowledged.
func (l *load) known() []*human {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.people[:len(l.people):len(l.people)]
}

// check asks for one user, strongly: nothing that was acknowledged before may be missing.
func (l *load) check(ctx context.Context, h *human) error {
	atLeast := h.acknowledged.Load()
	got, err := again(ctx, &l.behind, func() (*userv2.GetUserByIDResponse, error) {
		return l.client.users.GetUserByID(ctx, &userv2.GetUserByIDRequest{UserId: h.id})
	})
	if err != nil {
		return fmt.Errorf("get %s: %w", h.id, err)
	}
	if err := h.matches(got.GetUser(), atLeast); err != nil {
		return fmt.Errorf("get %s: %w", h.id, err)
	}
	atLeast = h.acknowledged.Load()
	listed, err := again(ctx, &l.behind, func() (*userv2.ListUsersResponse, error) {
		return l.client.users.ListUsers(ctx, byEmail(h.email))
	})
	if err != nil {
		return fmt.Errorf("list %s: %w", h.id, err)
	}
	if n := len(listed.GetResult()); n != 1 {
		return fmt.Errorf("list %s: %d users", h.id, n)
	}
	if err := h.matches(listed.GetResult()[0], atLeast); err != nil {
		return fmt.Errorf("list %s: %w", h.id, err)
	}
	return nil
}

func (h *human) matches(u *userv2.User, atLeast int64) error {
	var nick int64
	if text := u.GetHuman().GetProfile().GetNickName(); text != "" {
		var err error
		if nick, err = strconv.ParseInt(text, 10, 64); err != nil {
			return err
		}
	}
	switch atMost := h.tried.Load(); {
	case u.GetUserId() != h.id || u.GetHuman().GetEmail().GetEmail() != h.email:
		return fmt.Errorf("it is %s with %s", u.GetUserId(), u.GetHuman().GetEmail().GetEmail())
	case nick < atLeast || nick > atMost:
		return fmt.Errorf("change %d is shown, %d was acknowledged, %d was tried last", nick, atLeast, atMost)
	}
	return nil
}

// checkAll asks for everybody.
func (l *load) checkAll() {
	l.t.Helper()
	for _, h := range l.known() {
		if err := l.check(l.t.Context(), h); err != nil {
			l.t.Errorf("acknowledged, and then: %v", err)
		}
	}
}

// checkMail demands for everybody one message in the inbox, or more of which all but the first say that they are repeats.
// Its code must be the one that verifies the address.
func (l *load) checkMail() {
	l.t.Helper()
	for i, h := range l.known() {
		first := l.client.mail(l.t, h.email)
		listed, err := l.client.inbox.ListMessages(l.t.Context(), &inboxv1.ListMessagesRequest{Recipient: h.email})
		if err != nil {
			l.t.Fatal(err)
		}
		for _, m := range listed.GetMessages() {
			if m.GetId() != first.GetId() && !m.GetRepeat() {
				l.t.Errorf("%s got a second message that does not say it is a repeat", h.id)
			}
		}
		if i%10 != 0 {
			continue
		}
		if _, err := l.client.users.VerifyEmail(l.t.Context(), &userv2.VerifyEmailRequest{
			UserId: h.id, VerificationCode: first.GetCode(),
		}); err != nil {
			l.t.Errorf("%s: the code in the inbox: %v", h.id, err)
		}
	}
}

// again asks until the read model has caught up. A server says so rather than show old data, and on a machine that is busy
// with other things it may have to.
func again[T any](ctx context.Context, behind *atomic.Int64, ask func() (T, error)) (T, error) {
	for {
		answer, err := ask()
		if err == nil || ctx.Err() != nil || reason(err) != "READ_MODEL_BEHIND" {
			return answer, err
		}
		behind.Add(1)
	}
}

// onlyUnavailable tolerates what the server says while its database is away, and nothing else.
func onlyUnavailable(err error) bool {
	return connect.CodeOf(err) == connect.CodeUnavailable && connect.IsWireError(err)
}
