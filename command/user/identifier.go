package user

import (
	"context"
	"strings"
)

// CanonicalUsername returns the form by which usernames are told apart: without spaces around it, in lower case.
func CanonicalUsername(username string) string { return canonical(username) }

// CheckUsername refuses what cannot be a username: ErrInvalidUsername.
func CheckUsername(username string) error {
	_, err := parseUsername(username)
	return err
}

// CanonicalEmail returns the form by which addresses are told apart, in lower case. Errors: ErrEmailEmpty, ErrEmailInvalid.
func CanonicalEmail(email string) (string, error) {
	email, err := parseEmail(email)
	if err != nil {
		return "", err
	}
	return strings.ToLower(email), nil
}

// CanonicalPhone returns a number in E.164 form; a national one is read as Swiss. Error: ErrPhoneInvalid.
func CanonicalPhone(phone string) (string, error) { return parsePhone(phone) }

// CheckPolicy refuses a password that no user of an organization may choose.
func (s *Service) CheckPolicy(ctx context.Context, tenant, organization, password string) error {
	next := NewPassword{Clear: password}
	if err := next.check(); err != nil {
		return err
	}
	return s.fits(ctx, next, tenant, organization)
}
