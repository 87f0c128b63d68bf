package user

import (
	"context"

	"github.com/signet-iam/signet/query"
)

// Passkey is a WebAuthn credential that signs in alone.
type Passkey struct {
	ID    string
	State CredentialState
	Name  string
}

// Passkeys are those of one user, oldest first.
type Passkeys struct {
	Passkeys []Passkey
	query.Reflected
}

// Passkeys returns the passkeys that a user can sign in with, without those whose registration has not ended. It refuses
// with permission_denied when the viewer may not read this user; a user who is not there has none.
func (q *Queries) Passkeys(ctx context.Context, viewer query.Viewer, id string, c query.Consistency) (Passkeys, error) {
	found, _, reflected, err := q.credentials(ctx, viewer, owner{id: id, consistency: c}, wanted{[]int16{kindPasskey}, ready()})
	if err != nil {
		return Passkeys{}, err
	}
	answer := Passkeys{Passkeys: make([]Passkey, len(found)), Reflected: reflected}
	for i, f := range found {
		answer.Passkeys[i] = Passkey{ID: f.id, State: f.state, Name: f.name}
	}
	return answer, nil
}
