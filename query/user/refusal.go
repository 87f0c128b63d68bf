package user

import (
	"github.com/signet-iam/signet/eventstore/failure"
	"github.com/signet-iam/signet/query"
)

// The refusals of this package.
var (
	ErrNotFound         = failure.New(failure.NotFound, "USER_NOT_FOUND", "user not found")
	ErrNotHuman         = failure.New(failure.FailedPrecondition, "USER_NOT_HUMAN", "the user is a machine")
	ErrMetadataNotFound = failure.New(failure.NotFound, "METADATA_NOT_FOUND", "the user has no metadata under this key")

	errInvalidID     = failure.Newf(failure.InvalidArgument, "USER_ID_INVALID", "user id: 1 to %d bytes without control zeros", query.MaxID)
	errTooDeep       = failure.Newf(failure.InvalidArgument, "QUERY_TOO_DEEP", "queries are nested deeper than %d levels", MaxDepth)
	errTooManyNodes  = failure.Newf(failure.InvalidArgument, "QUERY_TOO_LARGE", "more than %d queries in one request", MaxNodes)
	errTooManyListed = failure.Newf(failure.InvalidArgument, "QUERY_TOO_LARGE", "more than %d ids and addresses in one request", query.MaxListed)
)
