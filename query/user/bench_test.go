package user_test

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/user"
)

const crowdSize = 100_000

func BenchmarkUsers(b *testing.B) {
	d := newDatabase(b)
	d.crowd(b, crowdSize)
	b.Run("get", func(b *testing.B) {
		ask(b, func(ctx context.Context, i int64) error {
			_, err := d.queries.Get(ctx, root, "id"+strconv.FormatInt(1+i%crowdSize, 10), query.Consistency{})
			return err
		})
	})
	b.Run("list by email", func(b *testing.B) {
		ask(b, func(ctx context.Context, i int64) error {
			address := fmt.Sprintf("User%d@Example.com", 1+i%crowdSize)
			filters := []user.Filter{user.Text{Field: user.Email, Value: address}}
			_, err := d.queries.List(ctx, root, user.ListRequest{Filters: filters})
			return err
		})
	})
	for column := user.ByID; column <= user.ByCreation; column++ {
		b.Run(fmt.Sprintf("page sorted by %d", column), func(b *testing.B) {
			ask(b, func(ctx context.Context, _ int64) error {
				_, err := d.queries.List(ctx, root, user.ListRequest{Sort: column})
				return err
			})
		})
	}
}

func ask(b *testing.B, question func(context.Context, int64) error) {
	b.Helper()
	var next atomic.Int64
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := question(context.Background(), next.Add(1)); err != nil {
				b.Error(err)
			}
		}
	})
}
