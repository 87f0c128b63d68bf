package notification_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"github.com/signet-iam/signet/notification"
	"github.com/signet-iam/signet/notification/channel"
	"github.com/signet-iam/signet/notification/channel/inbox"
)

// BenchmarkInbox delivers codes that were asked for before the notifier started: relay, JetStream, worker, outcome.
func BenchmarkInbox(b *testing.B) {
	w := newWorld(b)
	box, err := inbox.New(inbox.Config{Pool: w.pool, Store: w.store, Vault: w.vault})
	if err != nil {
		b.Fatal(err)
	}
	asked := make([]uuid.UUID, b.N)
	for i := range asked {
		asked[i] = w.addUser(fmt.Sprintf("user-%d", i), "en").ask(emailCode, order{})
	}
	b.ResetTimer()
	stop := w.start(func(cfg *notification.Config) {
		provide(channel.Email, box)(cfg)
		cfg.Logger = zerolog.Nop()
	})
	for _, id := range asked {
		w.delivered(id)
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
	stop()
}
