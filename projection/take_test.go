package projection_test

import (
	"errors"
	"testing"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/projection"
)

func TestFollows(t *testing.T) {
	t.Parallel()
	for version, want := range map[uint64]struct {
		known bool
		err   error
	}{2: {true, nil}, 3: {true, nil}, 4: {false, nil}, 5: {false, projection.ErrGap}} {
		known, err := projection.Follows(3, &eventstore.Event{Version: version})
		if known != want.known || !errors.Is(err, want.err) {
			t.Errorf("version %d after 3: %v, %v", version, known, err)
		}
	}
}
