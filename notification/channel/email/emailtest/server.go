package emailtest

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http/httptest"
	"net/mail"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Options of a Server. The zero value speaks plain SMTP and takes every mail.
type Options struct {
	STARTTLS    bool
	ImplicitTLS bool
	// With a user name, mail is taken only after authentication (PLAIN).
	Username, Password string
	// Refuse answers RCPT with an error (*smtp.SMTPError for a certain code). Nil takes everybody.
	Refuse func(recipient string) error
	// Received is called with each mail before the server acknowledges it; an error refuses the mail.
	Received func(Mail) error
}

// Mail is one mail the server took.
type Mail struct {
	From, To  string
	User      string // who authenticated
	Encrypted bool
	Header    mail.Header // decoded
	Text      string
	HTML      string
	Raw       []byte
}

// Server is a running mail server. It stops with the test.
type Server struct {
	Host string
	Port int
	// Mails holds what was taken, up to 1024 mails.
	Mails chan Mail

	opts     Options
	smtp     *smtp.Server
	listener net.Listener
	roots    *x509.CertPool
	sessions atomic.Int64
}

// New starts a server.
func New(t testing.TB, opts Options) *Server {
	t.Helper()
	s := &Server{opts: opts, Mails: make(chan Mail, 1024)}
	s.smtp = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		s.sessions.Add(1)
		return &session{server: s, conn: c}, nil
	}))
	s.smtp.Domain = "localhost"
	s.smtp.MaxMessageBytes = 1 << 20
	s.smtp.ErrorLog = discard{}

	var dial net.ListenConfig
	listener, err := dial.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("emailtest: listen: %v", err)
	}
	s.Host, s.Port = "127.0.0.1", listener.Addr().(*net.TCPAddr).Port
	if opts.STARTTLS || opts.ImplicitTLS {
		config := s.certify(t)
		if opts.ImplicitTLS {
			listener = tls.NewListener(listener, config)
		} else {
			s.smtp.TLSConfig = config
		}
	}
	s.listener = listener
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		if err := s.smtp.Serve(listener); err != nil && !errors.Is(err, smtp.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			t.Errorf("emailtest: serve: %v", err)
		}
	}()
	t.Cleanup(func() {
		s.Close()
		<-stopped
	})
	return s
}

// certify borrows the certificate of the standard library's test server, which is valid for 127.0.0.1.
func (s *Server) certify(t testing.TB) *tls.Config {
	t.Helper()
	donor := httptest.NewTLSServer(nil)
	defer donor.Close()
	s.roots = x509.NewCertPool()
	s.roots.AddCert(donor.Certificate())
	return &tls.Config{Certificates: donor.TLS.Certificates, MinVersion: tls.VersionTLS12}
}

// ClientTLS trusts the server's certificate.
func (s *Server) ClientTLS() *tls.Config {
	return &tls.Config{RootCAs: s.roots, MinVersion: tls.VersionTLS12}
}

// Sessions returns how many connections were made.
func (s *Server) Sessions() int { return int(s.sessions.Load()) }

// Close stops the server before the test ends: connections break, new ones are refused.
func (s *Server) Close() {
	_ = s.listener.Close() // the server may not have got to it yet
	_ = s.smtp.Close()
}

type session struct {
	server   *Server
	conn     *smtp.Conn
	user     string
	from, to string
}

func (s *session) AuthMechanisms() []string {
	if s.server.opts.Username == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if username != s.server.opts.Username || password != s.server.opts.Password {
			return smtp.ErrAuthFailed
		}
		s.user = username
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.server.opts.Username != "" && s.user == "" {
		return smtp.ErrAuthRequired
	}
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.server.opts.Refuse != nil {
		if err := s.server.opts.Refuse(to); err != nil {
			return err
		}
	}
	s.to = to
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	_, encrypted := s.conn.TLSConnectionState()
	taken := Mail{From: s.from, To: s.to, User: s.user, Encrypted: encrypted, Raw: raw}
	if err := taken.parse(); err != nil {
		return fmt.Errorf("emailtest: %w", err)
	}
	if s.server.opts.Received != nil {
		if err := s.server.opts.Received(taken); err != nil {
			return err
		}
	}
	s.server.Mails <- taken
	return nil
}

func (s *session) Reset()        { s.from, s.to = "", "" }
func (s *session) Logout() error { return nil }

func (m *Mail) parse() error {
	parsed, err := mail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil {
		return err
	}
	m.Header = make(mail.Header, len(parsed.Header))
	decoder := &mime.WordDecoder{}
	for name, values := range parsed.Header {
		for _, value := range values {
			decoded, err := decoder.DecodeHeader(value)
			if err != nil {
				return err
			}
			m.Header[name] = append(m.Header[name], decoded)
		}
	}
	kind, params, err := mime.ParseMediaType(parsed.Header.Get("Content-Type"))
	if err != nil {
		return err
	}
	if !strings.HasPrefix(kind, "multipart/") {
		m.Text, err = content(parsed.Body, parsed.Header.Get("Content-Transfer-Encoding"))
		return err
	}
	return m.parts(multipart.NewReader(parsed.Body, params["boundary"]))
}

func (m *Mail) parts(parts *multipart.Reader) error {
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		text, err := content(part, part.Header.Get("Content-Transfer-Encoding"))
		if err != nil {
			return err
		}
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
			m.HTML = text
		} else {
			m.Text = text
		}
	}
}

func content(r io.Reader, encoding string) (string, error) {
	if strings.EqualFold(encoding, "quoted-printable") {
		r = quotedprintable.NewReader(r)
	}
	raw, err := io.ReadAll(r)
	return strings.ReplaceAll(string(raw), "\r\n", "\n"), err
}

type discard struct{}

func (discard) Printf(string, ...any) {}
func (discard) Println(...any)        {}
