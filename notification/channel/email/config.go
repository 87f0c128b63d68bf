package email

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"
)

// Encryption says how a connection is protected.
type Encryption string

// The ways to protect a connection.
const (
	STARTTLS    Encryption = "starttls" // upgrade, or refuse to go on
	ImplicitTLS Encryption = "tls"      // TLS from the first byte
	Plaintext   Encryption = "none"     // for a relay on the same machine only
)

// Config of a Provider. Host and From are required.
type Config struct {
	Name       string // "smtp" if empty
	Host       string
	Port       int        // 587 for STARTTLS, 465 for ImplicitTLS, 25 for Plaintext if 0
	Encryption Encryption // STARTTLS if empty
	TLS        *tls.Config
	HELO       string // this host's name if empty

	// With a user name the server must offer SCRAM, PLAIN or LOGIN; the latter two are used over TLS, or to this machine.
	Username string
	Password string

	From    string // "Name <address>" or an address
	ReplyTo string // the same; empty for none

	Timeout time.Duration    // of one exchange with the server, default 15 s
	Idle    time.Duration    // how long an unused connection is kept, default 20 s
	Now     func() time.Time // time.Now if nil
}

func (c Config) withDefaults() Config {
	if c.Name == "" {
		c.Name = "smtp"
	}
	if c.Encryption == "" {
		c.Encryption = STARTTLS
	}
	if c.Port == 0 {
		c.Port = map[Encryption]int{STARTTLS: 587, ImplicitTLS: 465, Plaintext: 25}[c.Encryption]
	}
	if c.Timeout == 0 {
		c.Timeout = 15 * time.Second
	}
	if c.Idle == 0 {
		c.Idle = 20 * time.Second
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.TLS == nil {
		c.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	c.TLS = c.TLS.Clone()
	if c.TLS.ServerName == "" {
		c.TLS.ServerName = c.Host
	}
	return c
}

func (c Config) validate() error {
	switch c.Encryption {
	case STARTTLS, ImplicitTLS, Plaintext:
	default:
		return fmt.Errorf("email: encryption %q: want starttls, tls or none", c.Encryption)
	}
	if c.Host == "" {
		return errors.New("email: the mail server's host is missing")
	}
	if c.Port < 1 || c.Port > 65535 {
		return fmt.Errorf("email: port %d is out of range", c.Port)
	}
	if _, err := mail.ParseAddress(c.From); err != nil {
		return fmt.Errorf("email: sender: %w", err)
	}
	if c.ReplyTo != "" {
		if _, err := mail.ParseAddress(c.ReplyTo); err != nil {
			return fmt.Errorf("email: reply-to: %w", err)
		}
	}
	return nil
}

// domain returns the sender's domain, which also qualifies message ids.
func (c Config) domain() string {
	address, err := mail.ParseAddress(c.From)
	if err != nil {
		return c.Host
	}
	_, domain, _ := strings.Cut(address.Address, "@")
	return domain
}
