package user

import (
	"context"
	"slices"
	"strings"

	"github.com/signet-iam/signet/query"
)

// AuthMethod is a way to sign in. The numbers are those of the wire.
type AuthMethod int32

// The ways to sign in.
const (
	AuthMethodPassword     AuthMethod = 1
	AuthMethodPasskey      AuthMethod = 2
	AuthMethodIDP          AuthMethod = 3
	AuthMethodTOTP         AuthMethod = 4
	AuthMethodU2F          AuthMethod = 5
	AuthMethodOTPSMS       AuthMethod = 6
	AuthMethodOTPEmail     AuthMethod = 7
	AuthMethodRecoveryCode AuthMethod = 8
)

// DomainFilter narrows methods that are bound to a domain: passkeys and second factors of browsers, by their relying
// party id. Other methods are always listed. Without a domain it keeps all.
type DomainFilter struct {
	Domain               string
	IncludeWithoutDomain bool // keep also what was registered without a domain
}

func (f DomainFilter) keeps(c credential) bool {
	bound := c.kind == kindU2F || c.kind == kindPasskey
	switch {
	case !bound || f.Domain == "":
		return true
	case c.domain == "":
		return f.IncludeWithoutDomain
	default:
		return strings.EqualFold(c.domain, f.Domain)
	}
}

// AuthMethods are the ways in which one user can sign in, each once: second factors and passkeys, recovery codes, the
// password, identity providers.
type AuthMethods struct {
	Methods []AuthMethod
	query.Reflected
}

// methodOrder is the order in which methods are listed, but for the password, which is no row of its own.
var methodOrder = [...]struct {
	kind   int16
	method AuthMethod
}{
	{kindTOTP, AuthMethodTOTP},
	{kindU2F, AuthMethodU2F},
	{kindPasskey, AuthMethodPasskey},
	{kindOTPSMS, AuthMethodOTPSMS},
	{kindOTPEmail, AuthMethodOTPEmail},
	{kindRecoveryCodes, AuthMethodRecoveryCode},
	{0, AuthMethodPassword},
	{kindLink, AuthMethodIDP},
}

// AuthMethods returns the ways in which a user can sign in. It refuses as Passkeys does.
func (q *Queries) AuthMethods(ctx context.Context, viewer query.Viewer, id string, f DomainFilter, c query.Consistency) (AuthMethods, error) {
	w := wanted{states: ready()}
	for _, m := range methodOrder {
		w.kinds = append(w.kinds, m.kind)
	}
	found, account, reflected, err := q.credentials(ctx, viewer, owner{id: id, consistency: c}, w)
	if err != nil {
		return AuthMethods{}, err
	}
	answer := AuthMethods{Reflected: reflected}
	for _, m := range methodOrder {
		has := slices.ContainsFunc(found, func(c credential) bool { return c.kind == m.kind && f.keeps(c) })
		if has || m.method == AuthMethodPassword && account.hasPassword {
			answer.Methods = append(answer.Methods, m.method)
		}
	}
	return answer, nil
}
