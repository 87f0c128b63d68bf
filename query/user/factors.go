package user

import (
	"context"

	"github.com/signet-iam/signet/query"
)

// FactorType is a kind of second factor. The numbers are those of the wire.
type FactorType int32

// The kinds of second factors.
const (
	FactorTOTP FactorType = iota
	FactorOTPSMS
	FactorOTPEmail
	FactorU2F
)

// Factor is a second factor of a user.
type Factor struct {
	Type  FactorType
	State CredentialState
	ID    string // of FactorU2F
	Name  string // of FactorU2F
}

// FactorFilter narrows a list of factors.
type FactorFilter struct {
	Types  []FactorType      // all when empty
	States []CredentialState // CredentialReady when empty
}

// Factors are those of one user: TOTP, U2F, codes by SMS, codes by email.
type Factors struct {
	Factors []Factor
	query.Reflected
}

// Factors returns the second factors of a user. It refuses as Passkeys does.
func (q *Queries) Factors(ctx context.Context, viewer query.Viewer, id string, f FactorFilter, c query.Consistency) (Factors, error) {
	found, _, reflected, err := q.credentials(ctx, viewer, owner{id: id, consistency: c}, f.wanted())
	if err != nil {
		return Factors{}, err
	}
	answer := Factors{Factors: make([]Factor, len(found)), Reflected: reflected}
	for i, c := range found {
		answer.Factors[i] = factor(c)
	}
	return answer, nil
}

func (f FactorFilter) wanted() wanted {
	types, w := f.Types, wanted{states: f.States}
	if len(types) == 0 {
		types = []FactorType{FactorTOTP, FactorOTPSMS, FactorOTPEmail, FactorU2F}
	}
	if len(w.states) == 0 {
		w.states = ready()
	}
	for _, t := range types {
		switch t {
		case FactorTOTP:
			w.kinds = append(w.kinds, kindTOTP)
		case FactorOTPSMS:
			w.kinds = append(w.kinds, kindOTPSMS)
		case FactorOTPEmail:
			w.kinds = append(w.kinds, kindOTPEmail)
		case FactorU2F:
			w.kinds = append(w.kinds, kindU2F)
		}
	}
	return w
}

func factor(c credential) Factor {
	switch c.kind {
	case kindU2F:
		return Factor{Type: FactorU2F, State: c.state, ID: c.id, Name: c.name}
	case kindOTPSMS:
		return Factor{Type: FactorOTPSMS, State: c.state}
	case kindOTPEmail:
		return Factor{Type: FactorOTPEmail, State: c.state}
	default:
		return Factor{Type: FactorTOTP, State: c.state}
	}
}
