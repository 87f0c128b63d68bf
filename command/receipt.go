package command

import (
	"time"

	"github.com/signet-iam/signet/eventstore"
)

// Receipt tells where a command left its stream. A command that was allowed and changed nothing returns the receipt of the
// event before it.
type Receipt struct {
	Position     eventstore.Position // of the stream's last event
	Version      uint64              // of the stream: the number of its events
	ChangedAt    time.Time           // when the last event was recorded
	Organization string              // that owns the stream
}
