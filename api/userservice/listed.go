package userservice

import (
	filterv2 "github.com/signet-iam/signet/api/gen/signet/filter/v2"
	queries "github.com/signet-iam/signet/query/user"
)

// page is the part of a list that a caller asks for.
func page(p *filterv2.PaginationRequest) queries.Page {
	return queries.Page{Offset: p.GetOffset(), Limit: p.GetLimit(), Ascending: p.GetAsc()}
}

// paged is what the answer says about its page.
func paged(total uint64, p queries.Page) *filterv2.PaginationResponse {
	return &filterv2.PaginationResponse{TotalResult: total, AppliedLimit: uint64(p.Applied())}
}
