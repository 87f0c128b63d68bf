package object

import (
	"cmp"

	filterv2 "github.com/signet-iam/signet/api/gen/signet/filter/v2"
	"github.com/signet-iam/signet/query"
)

// Paged is what a list says about itself in the words of signet.filter.v2: asked is the limit of the request, 0 for none.
func Paged(total uint64, asked uint32) *filterv2.PaginationResponse {
	return &filterv2.PaginationResponse{TotalResult: total, AppliedLimit: uint64(cmp.Or(asked, query.DefaultLimit))}
}
