package email_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/uuid"

	"github.com/signet-iam/signet/notification/channel"
	"github.com/signet-iam/signet/notification/channel/email"
	"github.com/signet-iam/signet/notification/channel/email/emailtest"
)

var message = channel.Message{
	ID: uuid.MustParse("01890a5d-ac96-774b-bcce-b302099a8057"), Tenant: "default", UserID: "user-1",
	Channel: channel.Email, Kind: channel.EmailVerification,
	Recipient: "ada@example.org", Subject: "Signet: Adresse bestätigen",
	Text: "Der Code lautet\n\n    K7M2QX\n\nÄ.\n", HTML: "<p>Der Code lautet <b>K7M2QX</b></p>", Code: "K7M2QX", Language: "de",
}

// provider returns one that trusts the server; tests change what they are about.
func provider(t *testing.T, server *emailtest.Server, change func(*email.Config)) *email.Provider {
	t.Helper()
	cfg := email.Config{
		Host: server.Host, Port: server.Port, Encryption: email.Plaintext, TLS: server.ClientTLS(),
		From: "Signet <no-reply@signet.example>",
		Now:  func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) },
	}
	if change != nil {
		change(&cfg)
	}
	p, err := email.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func TestMailIsComplete(t *testing.T) {
	t.Parallel()
	server := emailtest.New(t, emailtest.Options{})
	p := provider(t, server, func(c *email.Config) { c.ReplyTo = "Help <help@signet.example>" })
	id, err := p.Send(t.Context(), message)
	if err != nil {
		t.Fatal(err)
	}
	mail := <-server.Mails
	if mail.From != "no-reply@signet.example" || mail.To != "ada@example.org" {
		t.Errorf("envelope from %s to %s", mail.From, mail.To)
	}
	for name, want := range map[string]string{
		"From":             `"Signet" <no-reply@signet.example>`,
		"To":               "<ada@example.org>",
		"Reply-To":         `"Help" <help@signet.example>`,
		"Subject":          "Signet: Adresse bestätigen",
		"Date":             "Fri, 02 Jan 2026 03:04:05 +0000",
		"Message-Id":       "<01890a5d-ac96-774b-bcce-b302099a8057@signet.example>",
		"Auto-Submitted":   "auto-generated",
		"Content-Language": "de",
		email.RepeatHeader: "",
	} {
		if got := mail.Header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if mail.Text != message.Text || mail.HTML != message.HTML {
		t.Errorf("got text %q, HTML %q", mail.Text, mail.HTML)
	}
	if id != mail.Header.Get("Message-Id") {
		t.Errorf("Send returned %q", id)
	}
}

func TestRepeatIsMarked(t *testing.T) {
	t.Parallel()
	server := emailtest.New(t, emailtest.Options{})
	repeated := message
	repeated.Repeat = true
	if _, err := provider(t, server, nil).Send(t.Context(), repeated); err != nil {
		t.Fatal(err)
	}
	if got := (<-server.Mails).Header.Get(email.RepeatHeader); got != "true" {
		t.Errorf("got %q", got)
	}
}

func TestEncryptionAndAuthentication(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		server     emailtest.Options
		encryption email.Encryption
		username   string
		encrypted  bool
		refused    bool
	}{
		"none":                      {},
		"STARTTLS":                  {server: emailtest.Options{STARTTLS: true}, encryption: email.STARTTLS, encrypted: true},
		"TLS":                       {server: emailtest.Options{ImplicitTLS: true}, encryption: email.ImplicitTLS, encrypted: true},
		"STARTTLS is not offered":   {encryption: email.STARTTLS, refused: true},
		"STARTTLS with credentials": {server: emailtest.Options{STARTTLS: true, Username: "u", Password: "p"}, encryption: email.STARTTLS, username: "u", encrypted: true},
		"TLS with credentials":      {server: emailtest.Options{ImplicitTLS: true, Username: "u", Password: "p"}, encryption: email.ImplicitTLS, username: "u", encrypted: true},
		"wrong credentials":         {server: emailtest.Options{STARTTLS: true, Username: "u", Password: "other"}, encryption: email.STARTTLS, username: "u", refused: true},
		"credentials are missing":   {server: emailtest.Options{STARTTLS: true, Username: "u", Password: "p"}, encryption: email.STARTTLS, refused: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := emailtest.New(t, test.server)
			p := provider(t, server, func(c *email.Config) {
				if test.encryption != "" {
					c.Encryption = test.encryption
				}
				c.Username = test.username
				if test.username != "" {
					c.Password = "p"
				}
			})
			_, err := p.Send(t.Context(), message)
			if test.refused {
				if got := channel.Classify(err); err == nil || got.Class != channel.ClassTemporary {
					t.Errorf("got %v: the message is not to blame", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err, errors.Unwrap(err))
			}
			mail := <-server.Mails
			if mail.Encrypted != test.encrypted || mail.User != test.username {
				t.Errorf("encrypted %v, user %q", mail.Encrypted, mail.User)
			}
		})
	}
}

func TestUntrustedCertificateIsRefused(t *testing.T) {
	t.Parallel()
	server := emailtest.New(t, emailtest.Options{STARTTLS: true})
	p := provider(t, server, func(c *email.Config) { c.Encryption, c.TLS = email.STARTTLS, nil })
	if _, err := p.Send(t.Context(), message); channel.Classify(err).Class != channel.ClassTemporary {
		t.Errorf("got %v", err)
	}
}

func TestAnswersAreClassified(t *testing.T) {
	t.Parallel()
	answer := func(code int) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.NoEnhancedCode, Message: "no " + message.Recipient}
	}
	for name, test := range map[string]struct {
		options emailtest.Options
		class   channel.Class
		code    int
	}{
		"recipient refused": {emailtest.Options{Refuse: func(string) error { return answer(550) }}, channel.ClassPermanent, 550},
		"greylisted":        {emailtest.Options{Refuse: func(string) error { return answer(451) }}, channel.ClassTemporary, 451},
		"content refused":   {emailtest.Options{Received: func(emailtest.Mail) error { return answer(554) }}, channel.ClassPermanent, 554},
		"queue full":        {emailtest.Options{Received: func(emailtest.Mail) error { return answer(452) }}, channel.ClassTemporary, 452},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := provider(t, emailtest.New(t, test.options), nil).Send(t.Context(), message)
			failed, ok := errors.AsType[*channel.Error](err)
			if !ok || failed.Class != test.class || failed.Code != test.code {
				t.Fatalf("got %v", err)
			}
			if strings.Contains(err.Error(), message.Recipient) {
				t.Errorf("the error quotes the recipient: %v", err)
			}
		})
	}
}

func TestServerIsAway(t *testing.T) {
	t.Parallel()
	server := emailtest.New(t, emailtest.Options{})
	server.Close()
	if _, err := provider(t, server, nil).Send(t.Context(), message); channel.Classify(err).Class != channel.ClassTemporary {
		t.Errorf("got %v", err)
	}
}

func TestInvalidRecipientIsPermanent(t *testing.T) {
	t.Parallel()
	wrong := message
	wrong.Recipient = "a@example.org\r\nBcc: b@example.org"
	server := emailtest.New(t, emailtest.Options{})
	if _, err := provider(t, server, nil).Send(t.Context(), wrong); err == nil || channel.Classify(err).Class != channel.ClassPermanent {
		t.Errorf("got %v", err)
	}
	if server.Sessions() != 0 {
		t.Error("it was sent to the server")
	}
}

func TestGivenUpAfterTheMailWasWritten(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	released := make(chan struct{})
	t.Cleanup(func() { close(released) })
	server := emailtest.New(t, emailtest.Options{Received: func(emailtest.Mail) error { cancel(); <-released; return nil }})
	if _, err := provider(t, server, nil).Send(ctx, message); err == nil || channel.Classify(err).Class != channel.ClassUncertain {
		t.Errorf("got %v", err)
	}
}

func TestConnectionsAreKept(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	server := emailtest.New(t, emailtest.Options{STARTTLS: true})
	p := provider(t, server, func(c *email.Config) {
		c.Encryption, c.Now = email.STARTTLS, func() time.Time { return now }
	})
	send := func(wantSessions int) {
		t.Helper()
		if _, err := p.Send(t.Context(), message); err != nil {
			t.Fatal(err)
		}
		<-server.Mails
		if got := server.Sessions(); got != wantSessions {
			t.Errorf("got %d connections, want %d", got, wantSessions)
		}
	}
	send(2) // EHLO begins a session, and once more after STARTTLS
	send(2)
	now = now.Add(time.Minute)
	send(4)
	p.Close()
	send(6)
}

func TestConfigurationIsChecked(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]email.Config{
		"no host":    {From: "a@example.org"},
		"no sender":  {Host: "mail.example.org"},
		"sender":     {Host: "mail.example.org", From: "nobody"},
		"reply-to":   {Host: "mail.example.org", From: "a@example.org", ReplyTo: "nobody"},
		"encryption": {Host: "mail.example.org", From: "a@example.org", Encryption: "ssl"},
		"port":       {Host: "mail.example.org", From: "a@example.org", Port: 70000},
	} {
		if _, err := email.New(cfg); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
