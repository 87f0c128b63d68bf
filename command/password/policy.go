package password

import (
	"errors"
	"unicode"
	"unicode/utf8"

	"github.com/signet-iam/signet/eventstore/failure"
)

// The refusals of a policy, in the order in which they are found.
var (
	ErrTooShort = failure.New(failure.InvalidArgument, "USER_PASSWORD_MIN_LENGTH", "the password is too short")
	ErrNoLower  = failure.New(failure.InvalidArgument, "USER_PASSWORD_HAS_LOWER", "the password must contain a lower-case letter")
	ErrNoUpper  = failure.New(failure.InvalidArgument, "USER_PASSWORD_HAS_UPPER", "the password must contain an upper-case letter")
	ErrNoDigit  = failure.New(failure.InvalidArgument, "USER_PASSWORD_HAS_NUMBER", "the password must contain a digit")
	ErrNoSymbol = failure.New(failure.InvalidArgument, "USER_PASSWORD_HAS_SYMBOL", "the password must contain a symbol")
)

// Lacking reports whether err is the refusal of a policy, which says something about the password alone.
func Lacking(err error) bool {
	for _, refusal := range []*failure.Error{ErrTooShort, ErrNoLower, ErrNoUpper, ErrNoDigit, ErrNoSymbol, ErrTooLong} {
		if errors.Is(err, refusal) {
			return true
		}
	}
	return false
}

// Policy says what a new password must have.
type Policy struct {
	MinLength int // characters
	Lower     bool
	Upper     bool
	Digit     bool
	Symbol    bool // anything that is neither letter nor digit
}

// DefaultPolicy is the policy where nobody set another.
func DefaultPolicy() Policy {
	return Policy{MinLength: 8, Lower: true, Upper: true, Digit: true, Symbol: true}
}

// Check returns the first thing a password lacks.
func (p Policy) Check(password string) error {
	var lower, upper, digit, symbol bool
	for _, r := range password {
		switch {
		case unicode.IsLower(r):
			lower = true
		case unicode.IsUpper(r):
			upper = true
		case unicode.IsDigit(r):
			digit = true
		case !unicode.IsLetter(r):
			symbol = true
		}
	}
	switch {
	case utf8.RuneCountInString(password) < p.MinLength:
		return ErrTooShort
	case p.Lower && !lower:
		return ErrNoLower
	case p.Upper && !upper:
		return ErrNoUpper
	case p.Digit && !digit:
		return ErrNoDigit
	case p.Symbol && !symbol:
		return ErrNoSymbol
	case len(password) > MaxLength:
		return ErrTooLong
	}
	return nil
}
