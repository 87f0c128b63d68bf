package query_test

import (
	"testing"

	"github.com/signet-iam/signet/query"
)

func TestEscapeLike(t *testing.T) {
	t.Parallel()
	if got, want := query.EscapeLike(`50%_\a`), `50\%\_\\a`; got != want {
		t.Errorf("escaped = %q, want %q", got, want)
	}
}
