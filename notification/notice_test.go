package notification_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/notification"
	"github.com/signet-iam/signet/notification/channel"
	"github.com/signet-iam/signet/notification/channel/email/emailtest"
)

// changePassword appends a changed password that its user is to be told of.
func (u *user) changePassword() uuid.UUID {
	u.w.t.Helper()
	return u.appendWith(func(ids []uuid.UUID) []eventstore.Deliverable {
		sealed, err := u.key.Seal([]byte("deliverable:"+ids[0].String()), []byte("-"))
		if err != nil {
			u.w.t.Fatal(err)
		}
		return []eventstore.Deliverable{{EventID: ids[0], Subject: u.id, Sealed: sealed, ExpiresAt: time.Now().Add(72 * time.Hour)}}
	}, &eventv1.UserPasswordChanged{Hash: "hash"})[0]
}

// Whoever changes password and address does not keep the message from its owner.
func TestANoticeGoesToTheAddressOfItsTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	server := emailtest.New(t, emailtest.Options{})
	u := w.addUser("ada", "de")
	id := u.changePassword()
	u.append(&eventv1.UserEmailChanged{Email: "thief@example.org"}, &eventv1.UserPasswordChanged{Hash: "other"})
	w.start(provide(channel.Email, w.smtp(server)))
	mail := w.receive(server)
	if mail.To != "ada@example.org" || mail.Header.Get("Subject") != "Signet: Ihr Passwort wurde geändert" ||
		!strings.Contains(mail.Text, "(ada-name)") || strings.Contains(mail.Text, "Code") {
		t.Errorf("to %s: %s\n%s", mail.To, mail.Header.Get("Subject"), mail.Text)
	}
	if got := types(w.delivered(id)); got != "DeliveryAttempted DeliverySent" {
		t.Errorf("delivery stream: %s", got)
	}
	w.gone(id)
}

func TestANoticeOfARemovedUserIsAbandoned(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.addUser("ada", "en")
	id := u.changePassword()
	u.append(&eventv1.UserRemoved{})
	provider := taking("first")
	w.start(provide(channel.Email, provider))
	if got := types(w.delivered(id)); got != "DeliveryAbandoned" || len(provider.calls()) != 0 {
		t.Errorf("delivery stream: %s, %d messages", got, len(provider.calls()))
	}
}

// Nobody is told of a password that changed where no message was due, nor of one they began with, nor twice.
func TestNoticesAreNotMadeUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	provider := taking("first")
	stop := w.start(provide(channel.Email, provider))
	w.addUser("grace", "en").append(&eventv1.UserPasswordChanged{Hash: "hash"})
	id := w.addUser("ada", "en").changePassword()
	w.delivered(id)
	w.gone(id)
	stop()
	js, err := w.nats.Conn().JetStream()
	if err != nil {
		t.Fatal(err)
	}
	// again begins with an empty stream and a log that is read anew, and returns how many references had travelled when a code did.
	again := func(overdue time.Duration) uint64 {
		w.exec("update eventstore.checkpoints set position = 0 where name = $1", notification.Checkpoint)
		if err := js.DeleteStream(notification.StreamName); err != nil {
			t.Fatal(err)
		}
		stop := w.start(func(cfg *notification.Config) {
			provide(channel.Email, provider)(cfg)
			cfg.Timing.Overdue = overdue
		})
		defer stop()
		w.delivered(w.addUser("last-"+overdue.String(), "en").ask(emailCode, order{}))
		w.until("what came again is done with", func() (bool, error) {
			info, err := js.ConsumerInfo(notification.StreamName, "email")
			return err == nil && info.Delivered.Consumer > 0 && info.NumAckPending == 0 && info.NumPending == 0, err
		})
		info, err := js.StreamInfo(notification.StreamName)
		if err != nil {
			t.Fatal(err)
		}
		return info.State.LastSeq
	}
	if n := again(time.Hour); n != 1 {
		t.Errorf("%d references travelled where one was waited for", n)
	}
	again(time.Nanosecond) // the reconciler looks at everything, too
	if calls := provider.calls(); len(calls) != 3 || calls[0].ID != id || calls[0].Kind != channel.PasswordChanged || calls[0].Code != "" {
		t.Errorf("sent %v", calls)
	}
}

// A notice that JetStream lost is published again.
func TestALostNoticeIsFoundAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stop := w.start(provide(channel.Email, taking("first")))
	w.delivered(w.addUser("first", "en").ask(emailCode, order{}))
	stop()
	id := w.addUser("ada", "en").changePassword()
	w.exec("update eventstore.checkpoints set position = (select max(position) from eventstore.events) where name = $1", notification.Checkpoint)
	w.start(func(cfg *notification.Config) {
		provide(channel.Email, taking("first"))(cfg)
		cfg.Timing.Reconcile, cfg.Timing.Overdue = 10*time.Millisecond, time.Nanosecond
	})
	if got := types(w.delivered(id)); got != "DeliveryAttempted DeliverySent" {
		t.Errorf("delivery stream: %s", got)
	}
}

// speaking answers every preference with one language.
type speaking string

func (s speaking) MessageLanguage(_ context.Context, _, preferred string) (string, error) {
	if preferred == "" {
		return string(s), nil
	}
	return preferred, nil
}

func TestTheLanguageOfAMessageIsChosen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	provider := taking("first")
	w.start(func(cfg *notification.Config) {
		provide(channel.Email, provider)(cfg)
		cfg.Languages = speaking("de")
	})
	for i, c := range []struct{ preferred, want string }{{"", "de"}, {"en", "en"}} {
		w.delivered(w.addUser("user-"+c.want, c.preferred).ask(emailCode, order{}))
		if calls := provider.calls(); len(calls) != i+1 || calls[i].Language != c.want {
			t.Errorf("%q: %v", c.preferred, calls)
		}
	}
}
