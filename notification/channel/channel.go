package channel

import (
	"context"

	"github.com/google/uuid"
)

// Channel is a way to reach a person.
type Channel string

// The channels. They appear in events, subjects and table rows.
const (
	Email Channel = "email"
	SMS   Channel = "sms"
)

// Kind says what a message is about.
type Kind string

// The kinds of message.
const (
	EmailVerification   Kind = "email_verification"
	PhoneVerification   Kind = "phone_verification"
	PasswordReset       Kind = "password_reset"
	Invitation          Kind = "invitation"
	PasskeyRegistration Kind = "passkey_registration"
	SignIn              Kind = "sign_in"
	PasswordChanged     Kind = "password_changed" // holds no code
)

// Message is one rendered message to one person.
type Message struct {
	ID        uuid.UUID // of the event that announced the code; the same for every attempt
	Tenant    string
	UserID    string
	Channel   Channel
	Kind      Kind
	Recipient string // email address, or phone number in E.164
	Subject   string // empty for SMS
	Text      string
	HTML      string // empty for SMS
	Code      string
	Language  string // BCP 47 tag of the language it is written in
	Repeat    bool   // the recipient may have got it before
}

// Provider hands messages to one carrier.
type Provider interface {
	// Name identifies the provider in events, logs and metrics. It is unique within its channel and lasts: a provider
	// that refused a message is recognized by it.
	Name() string

	// Send returns the carrier's id of the message, "" if it has none. See the package documentation for errors.
	Send(ctx context.Context, m Message) (string, error)
}

// Sweeper is a provider that keeps messages and throws old ones away. Sweep is called now and then, by one process at a
// time.
type Sweeper interface {
	Sweep(ctx context.Context) error
}
