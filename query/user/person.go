package user

import (
	"context"

	"github.com/signet-iam/signet/query"
)

// Person returns one user who is a person. It refuses as Get does, and a machine with failed_precondition (ErrNotHuman).
func (q *Queries) Person(ctx context.Context, viewer query.Viewer, id string, c query.Consistency) (User, error) {
	found, err := q.Get(ctx, viewer, id, c)
	if err != nil {
		return User{}, err
	}
	if found.Kind != KindHuman {
		return User{}, ErrNotHuman
	}
	return found, nil
}
