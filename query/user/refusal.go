package user

import (
	"strings"

	"github.com/signet-iam/signet/eventstore/failure"
)

// The refusals of this package.
var (
	ErrNotFound         = failure.New(failure.NotFound, "USER_NOT_FOUND", "user not found")
	ErrNotHuman         = failure.New(failure.FailedPrecondition, "USER_NOT_HUMAN", "the user is a machine")
	ErrMetadataNotFound = failure.New(failure.NotFound, "METADATA_NOT_FOUND", "the user has no metadata under this key")

	errInvalidID     = failure.Newf(failure.InvalidArgument, "USER_ID_INVALID", "user id: 1 to %d bytes without control zeros", maxID)
	errNoCondition   = failure.New(failure.InvalidArgument, "QUERY_MISSING", "a query without a condition")
	errTooDeep       = failure.Newf(failure.InvalidArgument, "QUERY_TOO_DEEP", "queries are nested deeper than %d levels", MaxDepth)
	errTooManyNodes  = failure.Newf(failure.InvalidArgument, "QUERY_TOO_LARGE", "more than %d queries in one request", MaxNodes)
	errTooManyListed = failure.Newf(failure.InvalidArgument, "QUERY_TOO_LARGE", "more than %d ids and addresses in one request", MaxListed)
	errInvalidText   = failure.Newf(failure.InvalidArgument, "QUERY_TEXT_INVALID", "query text: at most %d bytes without control zeros", MaxText)
	errUnknownField  = failure.New(failure.InvalidArgument, "QUERY_FIELD_UNKNOWN", "unknown query field or text method")
	errUnknownColumn = failure.New(failure.InvalidArgument, "SORTING_COLUMN_UNKNOWN", "unknown sorting column")
	errLimit         = failure.Newf(failure.InvalidArgument, "LIMIT_EXCEEDED", "limit is above %d", MaxLimit)
	errOffset        = failure.New(failure.InvalidArgument, "OFFSET_INVALID", "offset is out of range")
)

// maxID is the length of the longest stream id, in bytes.
const maxID = 200

func validID(id string) bool {
	return id != "" && len(id) <= maxID && !strings.Contains(id, "\x00")
}
