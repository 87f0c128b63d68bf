package audit

import (
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/eventstore/failure"
)

// Event is one recorded change.
type Event struct {
	Position     eventstore.Position
	ID           uuid.UUID
	Stream       eventstore.StreamID
	Organization string // owner of the stream
	Version      uint64
	Type         string
	Actor        string
	Cause        uuid.UUID // zero if none
	Correlation  string
	RecordedAt   time.Time

	Payload         *structpb.Struct // fields by their JSON names; never nil
	PersonalVisible bool             // Payload includes the personal fields
	Erased          bool             // the person was erased: nobody can open the personal fields
	Unreadable      bool             // of a type or form this binary does not know

	ClientIP    string
	ClientAgent string
}

// Request says which events to list. What is zero does not narrow the list.
type Request struct {
	StreamKind string
	StreamID   string
	Actor      string
	Types      []string // exact, or with ".*" at the end all below; one match is enough
	Since      time.Time
	Until      time.Time           // exclusive
	After      eventstore.Position // exclusive
	Before     eventstore.Position // exclusive
	Ascending  bool                // oldest first
	PageSize   int                 // DefaultPageSize when zero; at most MaxPageSize
	PageToken  string              // Page.NextToken of the page before
	Timeout    time.Duration       // bound of the wait for the high water mark; query.DefaultTimeout when zero
}

// Page is one page of events.
type Page struct {
	Events    []Event
	NextToken string // empty on the last page
}

// Limits of one question.
const (
	DefaultPageSize = 100
	MaxPageSize     = 1000
	MaxTypes        = 50

	maxText    = 200
	maxScanned = 10_000 // events looked at for one page
)

var (
	errPageSize = failure.Newf(failure.InvalidArgument, "PAGE_SIZE_INVALID", "page size: 0 to %d", MaxPageSize)
	errFilter   = failure.Newf(failure.InvalidArgument, "FILTER_INVALID",
		"filter: texts of at most %d bytes without control zeros, at most %d types, positions not below 0", maxText, MaxTypes)
	errToken = failure.New(failure.InvalidArgument, "PAGE_TOKEN_INVALID",
		"the page token is malformed or belongs to another query")
)

// Queries answers questions about the log. It is safe for concurrent use.
type Queries struct {
	pool  *pgxpool.Pool
	log   *eventstore.Store
	codec *codec.Codec
}

// New returns queries over the log in pool's database.
func New(pool *pgxpool.Pool, log *eventstore.Store, codec *codec.Codec) *Queries {
	return &Queries{pool: pool, log: log, codec: codec}
}

func (r *Request) check() error {
	if r.PageSize < 0 || r.PageSize > MaxPageSize {
		return errPageSize
	}
	if len(r.Types) > MaxTypes || r.After < 0 || r.Before < 0 {
		return errFilter
	}
	for _, text := range append([]string{r.StreamKind, r.StreamID, r.Actor}, r.Types...) {
		if len(text) > maxText || strings.Contains(text, "\x00") {
			return errFilter
		}
	}
	return nil
}

func (r *Request) size() int {
	if r.PageSize == 0 {
		return DefaultPageSize
	}
	return r.PageSize
}
