package local_test

import (
	"context"
	"testing"

	"github.com/signet-iam/signet/eventstore/local"
)

// The first start makes the cluster; the others find it after a Stop. Both end with an answered query.
func BenchmarkStart(b *testing.B) {
	start := func(b *testing.B, dir string) *local.Postgres {
		p, err := local.StartPostgres(b.Context(), local.PostgresConfig{Dir: dir})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := tryQuery(b.Context(), p.DSN(), "SELECT 'up'"); err != nil {
			b.Fatal(err)
		}
		return p
	}
	stop := func(b *testing.B, p *local.Postgres) {
		if err := p.Stop(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("first", func(b *testing.B) {
		for range b.N {
			p := start(b, b.TempDir())
			b.StopTimer()
			stop(b, p)
			b.StartTimer()
		}
	})
	b.Run("again", func(b *testing.B) {
		dir := b.TempDir()
		stop(b, start(b, dir))
		for b.Loop() {
			p := start(b, dir)
			b.StopTimer()
			stop(b, p)
			b.StartTimer()
		}
	})
	b.Run("stop", func(b *testing.B) {
		dir := b.TempDir()
		for range b.N {
			b.StopTimer()
			p := start(b, dir)
			b.StartTimer()
			stop(b, p)
		}
	})
}

func BenchmarkStartNATS(b *testing.B) {
	for range b.N {
		n, err := local.StartNATS(b.Context(), local.NATSConfig{StoreDir: b.TempDir()})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		n.Shutdown()
		b.StartTimer()
	}
}
