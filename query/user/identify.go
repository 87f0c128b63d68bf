package user

import (
	"context"
	"strings"

	"github.com/signet-iam/signet/query"
)

// MaxHolders is how many holders of an address are named.
const MaxHolders = 10

// WithEmail returns the ids of the people who have an email address, whatever its case: those who have proven it or those who
// have not, the newest first, at most MaxHolders.
//
// It is how the platform finds out whom somebody means who is not signed in yet, and asks for no permission: nothing of the
// answer may reach a caller. It is a strong read and refuses with unavailable (query.ErrBehind) when the read model does not
// catch up in time.
func (q *Queries) WithEmail(ctx context.Context, tenant, email string, verified bool) ([]string, error) {
	return q.holders(ctx, sqlWithEmail, tenant, strings.ToLower(email), verified)
}

// WithPhone is WithEmail for a phone number in E.164 form.
func (q *Queries) WithPhone(ctx context.Context, tenant, phone string, verified bool) ([]string, error) {
	return q.holders(ctx, sqlWithPhone, tenant, phone, verified)
}

func (q *Queries) holders(ctx context.Context, sql, tenant, address string, verified bool) ([]string, error) {
	if address == "" || !query.ValidText(address) {
		return nil, nil
	}
	var ids []string
	_, err := q.model.Many(ctx, query.Consistency{}, func(ctx context.Context) (query.Snapshot, error) {
		snap, err := query.ScanState(q.pool.QueryRow(ctx, sql, tenant, address, verified), &ids)
		return snap, query.Fault("look for the holders of an address", err)
	})
	if err != nil {
		return nil, err
	}
	return ids, nil
}
