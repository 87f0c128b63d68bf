package user

import (
	"context"

	"github.com/signet-iam/signet/query"
)

// AuthMethod is a way to sign in. The numbers are those of the wire.
type AuthMethod int32

// The ways to sign in that a user can have so far.
const (
	AuthMethodPassword AuthMethod = 1
)

// DomainFilter narrows methods that are bound to a domain (passkeys and second factors of browsers). Other methods are
// always listed.
type DomainFilter struct {
	Domain               string
	IncludeWithoutDomain bool
}

// AuthMethods are the ways in which one user can sign in.
type AuthMethods struct {
	Methods []AuthMethod
	query.Reflected
}

// AuthMethods returns the ways in which a user can sign in. It refuses as Get does; no method so far is bound to a
// domain.
func (q *Queries) AuthMethods(ctx context.Context, viewer query.Viewer, id string, _ DomainFilter, c query.Consistency) (AuthMethods, error) {
	u, err := q.Get(ctx, viewer, id, c)
	if err != nil {
		return AuthMethods{}, err
	}
	answer := AuthMethods{Reflected: query.Reflected{Position: u.Position, At: u.ChangedAt}}
	if u.Human.HasPassword {
		answer.Methods = append(answer.Methods, AuthMethodPassword)
	}
	return answer, nil
}
