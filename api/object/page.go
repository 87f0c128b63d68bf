package object

import (
	filterv2 "github.com/signet-iam/signet/api/gen/signet/filter/v2"
	"github.com/signet-iam/signet/query"
)

// PageRequest is what requests for lists say in the words of any service.
type PageRequest interface {
	GetOffset() uint64
	GetLimit() uint32
	GetAsc() bool
}

// Page is the part of a list that a caller asks for.
func Page(r PageRequest) query.Page {
	return query.Page{Offset: r.GetOffset(), Limit: r.GetLimit(), Ascending: r.GetAsc()}
}

// Paged is what a list says about its page in the words of signet.filter.v2.
func Paged(total uint64, p query.Page) *filterv2.PaginationResponse {
	return &filterv2.PaginationResponse{TotalResult: total, AppliedLimit: uint64(p.Applied())}
}
