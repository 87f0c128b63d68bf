package user

import (
	"cmp"
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/query"
)

// The kinds of credentials, as the read model numbers them.
const (
	kindTOTP          int16 = 1
	kindU2F           int16 = 2
	kindPasskey       int16 = 3
	kindOTPSMS        int16 = 4
	kindOTPEmail      int16 = 5
	kindLink          int16 = 6
	kindKey           int16 = 7
	kindToken         int16 = 8
	kindRecoveryCodes int16 = 9
)

// CredentialState says how far the set-up of a credential has come. The numbers are those of the wire and of the read
// model.
type CredentialState int16

// The states of a credential.
const (
	CredentialNotReady CredentialState = 1
	CredentialReady    CredentialState = 2
)

// ready are the states of what can be used.
func ready() []CredentialState { return []CredentialState{CredentialReady} }

// account is what the log and the read model say of a user whose belongings are asked for; the zero account is of a user
// who never was.
type account struct {
	owner       string
	stream, row uint64 // versions
	position    eventstore.Position
	changedAt   time.Time
	hasPassword bool
}

func (a *account) fields() []any {
	return []any{&a.owner, &a.stream, &a.row, &a.position, &a.changedAt, &a.hasPassword}
}

// ofUser answers a question about what one user has. read takes the account and the rows from one snapshot; its rows are
// void when ofUser fails.
//
// It refuses with permission_denied when the viewer may not read this user, and with unavailable (query.ErrBehind) when the
// read model does not catch up in time. To a viewer who may read anybody, a user who is not there is one who has nothing.
func (q *Queries) ofUser(
	ctx context.Context, viewer query.Viewer, o owner, read func(context.Context) (account, error),
) (query.Reflected, error) {
	if !query.ValidID(o.id) {
		return query.Reflected{}, errInvalidID
	}
	self := o.id == viewer.SubjectID()
	if !self && !query.MayAnywhere(viewer, query.UserRead) {
		return query.Reflected{}, query.ErrDenied
	}
	var reflected query.Reflected
	err := cmp.Or(o.model, q.model).One(ctx, o.consistency, func(ctx context.Context) (query.Versions, error) {
		a, err := read(ctx)
		if err != nil {
			return query.Versions{}, query.Fault("read what a user has", err)
		}
		if a.stream > 0 && !self && !viewer.May(query.UserRead, a.owner) {
			return query.Versions{}, query.ErrDenied
		}
		reflected = query.Reflected{Position: a.position, At: a.changedAt}
		return query.Versions{Row: a.row, Stream: a.stream}, nil
	})
	return reflected, err
}

// owner is whose belongings are asked for, and how fresh they have to be.
type owner struct {
	id          string
	consistency query.Consistency
	model       *query.Model // that of users if nil
}

// credential is a row of the read model.
type credential struct {
	kind                 int16
	id                   string
	state                CredentialState
	name, domain         string
	providerID, external string
}

// wanted says which credentials to read.
type wanted struct {
	kinds  []int16
	states []CredentialState
}

// credentials returns the wanted credentials of one user, by kind and then in the order in which they came.
func (q *Queries) credentials(
	ctx context.Context, viewer query.Viewer, o owner, w wanted,
) (found []credential, a account, r query.Reflected, err error) {
	r, err = q.ofUser(ctx, viewer, o, func(ctx context.Context) (account, error) {
		rows, err := q.pool.Query(ctx, sqlCredentials, viewer.TenantID(), o.id, w.kinds, w.states)
		if err != nil {
			return account{}, err
		}
		a, found, err = scanCredentials(rows)
		return a, err
	})
	if err != nil {
		return nil, account{}, query.Reflected{}, err
	}
	return found, a, r, nil
}

func scanCredentials(rows pgx.Rows) (a account, found []credential, err error) {
	defer rows.Close()
	for rows.Next() {
		var c credential
		into := append(a.fields(), &c.kind, &c.id, &c.state, &c.name, &c.domain, &c.providerID, &c.external)
		if err := rows.Scan(into...); err != nil {
			return account{}, nil, err
		}
		if c.kind != 0 { // the outer join found one
			found = append(found, c)
		}
	}
	return a, found, rows.Err()
}
