package config

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/signet-iam/signet/command/webauthn"
)

// application is the default name of the product.
const application = "Signet"

// Secret is a value that is never printed.
type Secret string

// String hides the value.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "[redacted]"
}

// GoString hides the value from %#v.
func (s Secret) GoString() string { return s.String() }

// MarshalText hides the value from encoders. It must not have an UnmarshalText beside it: reading goes by the string kind.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Reveal returns the value, for whoever has to use it.
func (s Secret) Reveal() string { return string(s) }

// Database says where everything is kept.
type Database struct {
	DataDir       string `help:"Directory for everything this process keeps." default:"./signet-data" env:"SIGNET_DATA_DIR" type:"path"`
	DatabaseURL   Secret `help:"PostgreSQL to use instead of a private one (postgres://…)." env:"SIGNET_DATABASE_URL" placeholder:"URL"`
	DatabaseConns int    `help:"Most connections of this process besides the log's own; 0 for 20, or two for each processor where the database runs on the same ones." env:"SIGNET_DATABASE_CONNS"`
	PostgresBin   string `help:"Directory of the binaries of the private PostgreSQL; searched for if empty." env:"SIGNET_POSTGRES_BIN"`
	MasterKey     Secret `help:"Master keys, in the form of the key file. Taken instead of the file." env:"SIGNET_MASTER_KEY" placeholder:"KEYS"`
	MasterKeyFile string `help:"File with the master keys; master.keys in the data directory if empty." env:"SIGNET_MASTER_KEY_FILE"`
	LogLevel      string `help:"How much to log: ${enum}." default:"info" enum:"debug,info,warn,error" env:"SIGNET_LOG_LEVEL"`
}

const (
	minConns    = 4
	remoteConns = 20
)

// Conns returns how many connections to use. A private database shares the processors: more statements at once than they
// can run only make each of them slower.
func (d *Database) Conns() int {
	switch {
	case d.DatabaseConns != 0:
		return d.DatabaseConns
	case d.DatabaseURL != "":
		return remoteConns
	default:
		return max(minConns, 2*runtime.NumCPU())
	}
}

// Keys returns the path of the key file.
func (d *Database) Keys() string {
	if d.MasterKeyFile != "" {
		return d.MasterKeyFile
	}
	return filepath.Join(d.DataDir, "master.keys")
}

// Roles a node can have.
const (
	RoleAPI       = "api"
	RoleProjector = "projector"
	RoleNotifier  = "notifier"
)

// Server says how a node serves.
type Server struct {
	Listen      string   `help:"Address to serve on." default:"127.0.0.1:8080" env:"SIGNET_LISTEN"`
	NATSURL     Secret   `name:"nats-url" help:"NATS with JetStream to use instead of one in this process." env:"SIGNET_NATS_URL" placeholder:"URL"`
	Roles       []string `help:"What this node does: api, projector, notifier." default:"api,projector,notifier" env:"SIGNET_ROLES"`
	CORSOrigins []string `name:"cors-origins" help:"Origins whose pages may call the API; * for all." default:"*" env:"SIGNET_CORS_ORIGINS"`
	Application string   `help:"Name of the product in messages to people and in authenticator apps." default:"Signet" env:"SIGNET_APPLICATION"`

	ExternalURL            string   `name:"external-url" help:"Where browsers reach this installation, such as https://id.example.com; http://localhost with the port served on if empty." env:"SIGNET_EXTERNAL_URL" placeholder:"URL"`
	RedirectOrigins        []string `help:"Origins that browsers may be sent back to after a sign-in at an identity provider. If empty: the external URL's own, and --webauthn-origins." env:"SIGNET_REDIRECT_ORIGINS"`
	FederationAllowPrivate []string `help:"Networks of identity providers that may be spoken to although they are not public, such as 10.0.0.0/8; also without TLS." env:"SIGNET_FEDERATION_ALLOW_PRIVATE" placeholder:"NETWORK"`

	SignIn   SignIn   `embed:"" envprefix:"SIGNET_"`
	WebAuthn WebAuthn `embed:"" prefix:"webauthn-" envprefix:"SIGNET_WEBAUTHN_"`

	SMTP SMTP `embed:"" prefix:"smtp-" envprefix:"SIGNET_SMTP_"`
	SMS  SMS  `embed:"" prefix:"sms-" envprefix:"SIGNET_SMS_"`

	host string // in URLs where ExternalURL names none; localhost if empty
}

// WebAuthn says which pages may register and use passkeys and security keys.
type WebAuthn struct {
	Origins []string `help:"Origins of these pages, such as https://login.example.com; the first one's host is the domain where a request names none. If empty: localhost, with the port served on and without." env:"ORIGINS"`
	Name    string   `help:"Name that authenticators show; the application's if empty." env:"NAME"`
}

// SMTP is the mail server. Without a host, mails go to the inbox.
type SMTP struct {
	Host       string `help:"Mail server." env:"HOST"`
	Port       int    `help:"Its port; by encryption if 0." env:"PORT"`
	Encryption string `help:"How the connection is protected: ${enum}." enum:"starttls,tls,none" default:"starttls" env:"ENCRYPTION"`
	User       string `help:"Account at the mail server." env:"USER"`
	Password   Secret `help:"Its password." env:"PASSWORD"`
	From       string `help:"Sender, such as \"Signet <no-reply@example.com>\"." env:"FROM"`
	ReplyTo    string `help:"Where answers go." env:"REPLY_TO"`
}

// SMS is Twilio, or a gateway that takes HTTP requests. Without either, text messages go to the inbox.
type SMS struct {
	TwilioAccount string            `help:"Twilio account SID." env:"TWILIO_ACCOUNT"`
	TwilioKey     string            `help:"Twilio API key SID; without one the secret is the account's token." env:"TWILIO_KEY"`
	TwilioSecret  Secret            `help:"Twilio secret." env:"TWILIO_SECRET"`
	TwilioURL     string            `help:"Twilio's API, if it is elsewhere." env:"TWILIO_URL"`
	From          string            `help:"Sender number or name." env:"FROM"`
	GatewayURL    string            `help:"HTTP gateway; asked after Twilio if both are set." env:"GATEWAY_URL"`
	GatewayHeader map[string]Secret `help:"Headers for the gateway." env:"GATEWAY_HEADER"`
	GatewayField  map[string]string `help:"Fields for the gateway: templates over To, Text, From, ID." default:"to={{.To}};from={{.From}};text={{.Text}}" mapsep:";" env:"GATEWAY_FIELD"`
	GatewayFormat string            `help:"Body for the gateway: ${enum}." enum:"json,form" default:"json" env:"GATEWAY_FORMAT"`
}

// Validate reports what cannot work.
func (d *Database) Validate() error {
	if d.DatabaseConns != 0 && (d.DatabaseConns < minConns || d.DatabaseConns > 1000) {
		return fmt.Errorf("--database-conns: %d to 1000, or 0", minConns)
	}
	if url := d.DatabaseURL.Reveal(); url != "" && !strings.HasPrefix(url, "postgres://") && !strings.HasPrefix(url, "postgresql://") {
		return errors.New("--database-url: starts with postgres://")
	}
	return nil
}

// Validate reports what cannot work.
func (s *Server) Validate() error {
	if _, _, err := net.SplitHostPort(s.Listen); err != nil {
		return fmt.Errorf("--listen: an address and a port, such as 127.0.0.1:8080, not %q", s.Listen)
	}
	if len(s.Roles) == 0 {
		return errors.New("--roles: at least one")
	}
	for _, role := range s.Roles {
		if !slices.Contains([]string{RoleAPI, RoleProjector, RoleNotifier}, role) {
			return fmt.Errorf("--roles: api, projector and notifier, not %q", role)
		}
	}
	if _, err := s.RelyingParty(); err != nil {
		return fmt.Errorf("--webauthn-origins, --webauthn-name: %w", err)
	}
	if err := s.validateFederation(); err != nil {
		return err
	}
	if err := s.SignIn.validate(); err != nil {
		return err
	}
	if s.SMTP.Host != "" && s.SMTP.From == "" {
		return errors.New("--smtp-from: needed with --smtp-host")
	}
	if s.SMS.TwilioAccount != "" && s.SMS.From == "" {
		return errors.New("--sms-from: needed with --sms-twilio-account")
	}
	return nil
}

// RelyingParty returns who asks authenticators.
func (s *Server) RelyingParty() (*webauthn.RelyingParty, error) {
	origins := s.WebAuthn.Origins
	if len(origins) == 0 {
		if _, port, err := net.SplitHostPort(s.Listen); err == nil {
			origins = append(origins, "http://"+net.JoinHostPort("localhost", port))
		}
		origins = append(origins, "http://localhost")
	}
	return webauthn.NewRelyingParty(cmp.Or(s.WebAuthn.Name, s.Application, application), origins...)
}

// Has reports whether the node has a role.
func (s *Server) Has(role string) bool { return slices.Contains(s.Roles, role) }

// Inbox reports whether messages are kept in the inbox: no provider is configured.
func (s *Server) Inbox() bool {
	return s.SMTP.Host == "" && s.SMS.TwilioAccount == "" && s.SMS.GatewayURL == ""
}
