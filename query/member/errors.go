package member

import (
	"github.com/signet-iam/signet/eventstore/failure"
	"github.com/signet-iam/signet/query"
)

// Limits of the conditions of one list.
const (
	MaxFilters = 20
	MaxListed  = 1000 // values in all lists together
	MaxText    = 1024 // bytes of one text
)

var (
	errNoCondition   = failure.New(failure.InvalidArgument, "QUERY_MISSING", "a filter without a condition")
	errTooMany       = failure.Newf(failure.InvalidArgument, "QUERY_TOO_LARGE", "more than %d filters in one request", MaxFilters)
	errTooManyListed = failure.Newf(failure.InvalidArgument, "QUERY_TOO_LARGE", "more than %d ids in one request", MaxListed)
	errInvalidText   = failure.Newf(failure.InvalidArgument, "QUERY_TEXT_INVALID", "filter text: at most %d bytes without control zeros", MaxText)
	errUnknownLevel  = failure.New(failure.InvalidArgument, "QUERY_FIELD_UNKNOWN", "unknown kind of resource")
	errUnknownColumn = failure.New(failure.InvalidArgument, "SORTING_COLUMN_UNKNOWN", "unknown sorting column")
	errLimit         = failure.Newf(failure.InvalidArgument, "LIMIT_EXCEEDED", "limit is above %d", query.MaxLimit)
	errOffset        = failure.New(failure.InvalidArgument, "OFFSET_INVALID", "offset is out of range")
)
