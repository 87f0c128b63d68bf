package user

import (
	"context"

	"github.com/signet-iam/signet/query"
)

// Keys returns a page of the keys of machines that match and that the viewer may read: the own ones, and those of
// organizations where it holds user.read. It refuses as List does, never for want of permission.
func (q *Queries) Keys(ctx context.Context, viewer query.Viewer, r IssuedRequest) (IssuedList, error) {
	return q.issued(ctx, viewer, kindKey, r)
}
