package user_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/user"
)

func BenchmarkAddHuman(b *testing.B) {
	n := commandtest.New(b, database(b))
	ctx, as := b.Context(), admin()
	var serial atomic.Int64
	b.SetParallelism(16)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			req := human()
			req.UserID, req.Username = "", nil
			req.Email = user.EmailChange{Address: fmt.Sprintf("user-%d@mouse.com", serial.Add(1)), Verification: user.Verified{}}
			if _, err := n.Users.AddHuman(ctx, as, req); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
