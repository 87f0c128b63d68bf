package access_test

import (
	"testing"

	"github.com/signet-iam/signet/command/user"
)

func BenchmarkAuthenticateCached(b *testing.B) {
	n, personal := robot(b, user.NewToken{})
	s := signIn(b, n, "robot", personal.ID)
	for _, c := range []struct{ kind, token string }{
		{"personal", personal.Token}, {"session", s.SessionToken}, {"signed", s.jwt},
	} {
		b.Run(c.kind, func(b *testing.B) {
			ctx := b.Context()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := n.Access.Authenticate(ctx, c.token); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
