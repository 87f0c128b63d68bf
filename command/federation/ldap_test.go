package federation_test

import (
	"crypto/rand"
	"crypto/tls"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/signet-iam/signet/command/federation"
)

// The people that both the in-process directory and slapd hold.
const (
	baseDN    = "dc=example,dc=com"
	peopleDN  = "ou=people," + baseDN
	adminDN   = "cn=admin," + baseDN
	adminPass = "admin-password"
	adaPass   = "ada-password"
)

func directoryConfig(server string) federation.LDAPConfig {
	return federation.LDAPConfig{
		Servers: []string{server}, BaseDN: baseDN, UserBase: peopleDN, BindDN: adminDN, BindPassword: adminPass,
		UserObjectClasses: []string{"inetOrgPerson"}, UserFilters: []string{"uid", "mail"}, Timeout: 5 * time.Second,
		Mapping: federation.Mapping{ExternalID: "employeeNumber"},
	}
}

func newLDAP(t *testing.T, config federation.LDAPConfig) *federation.LDAP {
	t.Helper()
	l, err := newClient(t).LDAP(config)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// testDirectory is what every directory has to do.
func testDirectory(t *testing.T, config federation.LDAPConfig) {
	l := newLDAP(t, config)
	if err := l.Test(t.Context()); err != nil {
		t.Fatalf("test: %v", err)
	}
	for _, username := range []string{"ada", "ada@example.com"} {
		id, err := l.Authenticate(t.Context(), username, adaPass)
		if err != nil {
			t.Fatalf("%s: %v", username, err)
		}
		if id.ExternalID != "1815" || id.Username != "ada" || id.GivenName != "Ada" || id.FamilyName != "King" || id.DisplayName != "Ada King" ||
			id.Email != "ada@example.com" || id.EmailVerified {
			t.Errorf("identity: %+v", id)
		}
		for name := range id.Attributes {
			if strings.EqualFold(name, "userPassword") {
				t.Error("the password was asked for")
			}
		}
	}
	for name, credentials := range map[string][2]string{
		"wrong password":           {"ada", "wrong"},
		"empty password":           {"ada", ""},
		"empty name":               {"", adaPass},
		"unknown":                  {"nobody", adaPass},
		"two people with the mail": {"team@example.com", adaPass},
		"injected alternative":     {"*)(uid=*", adaPass},
		"injected filter":          {"x)(|(uid=ada", adaPass},
		"everybody":                {"*", adaPass},
		"prefix":                   {"ad*", adaPass},
		"zero byte":                {"ada\x00", adaPass},
		"a name with backslash":    {`ad\61`, adaPass},
		"not a person":             {"printer", adaPass},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := l.Authenticate(t.Context(), credentials[0], credentials[1])
			wantError(t, err, federation.ErrDenied)
		})
	}
	for name, change := range map[string]func(*federation.LDAPConfig){
		"wrong bind password": func(c *federation.LDAPConfig) { c.BindPassword = "wr0ng" },
		"unknown user base":   func(c *federation.LDAPConfig) { c.UserBase = "ou=nowhere," + baseDN },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := config
			change(&changed)
			l := newLDAP(t, changed)
			err := l.Test(t.Context())
			wantError(t, err, federation.ErrConfig)
			if strings.Contains(err.Error(), "wr0ng") {
				t.Errorf("the text tells the password: %v", err)
			}
			_, err = l.Authenticate(t.Context(), "ada", adaPass)
			wantError(t, err, federation.ErrConfig)
		})
	}
}

func TestInProcessDirectory(t *testing.T) {
	t.Parallel()
	t.Run("clear", func(t *testing.T) {
		t.Parallel()
		d := newDirectory(t, nil)
		testDirectory(t, directoryConfig("ldap://"+d.address))
	})
	t.Run("ldaps", func(t *testing.T) {
		t.Parallel()
		certificate, root := newCertificate(t)
		d := newDirectory(t, &tls.Config{Certificates: []tls.Certificate{certificate}})
		config := directoryConfig("ldaps://" + d.address)
		config.RootCA = root
		testDirectory(t, config)

		config.RootCA = nil
		wantError(t, newLDAP(t, config).Test(t.Context()), federation.ErrUnreachable)
	})
	t.Run("StartTLS", func(t *testing.T) {
		t.Parallel()
		certificate, root := newCertificate(t)
		d := newDirectory(t, nil)
		d.startTLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
		config := directoryConfig("ldap://" + d.address)
		config.StartTLS, config.RootCA = true, root
		testDirectory(t, config)
		if d.clear() {
			t.Error("a bind came without TLS")
		}
	})
	t.Run("second server", func(t *testing.T) {
		t.Parallel()
		d := newDirectory(t, nil)
		config := directoryConfig("ldap://" + closedAddress(t))
		config.Servers = append(config.Servers, "ldap://"+d.address)
		testDirectory(t, config)
	})
}

// With an empty password a bind is anonymous: it must not even be tried.
func TestEmptyPasswordIsNotSent(t *testing.T) {
	t.Parallel()
	d := newDirectory(t, nil)
	d.anonymous = true
	_, err := newLDAP(t, directoryConfig("ldap://"+d.address)).Authenticate(t.Context(), "ada", "")
	wantError(t, err, federation.ErrDenied)
	if n := d.connections(); n != 0 {
		t.Errorf("%d connections were made", n)
	}
}

func TestReferralsAreNotFollowed(t *testing.T) {
	t.Parallel()
	other := newDirectory(t, nil)
	d := newDirectory(t, nil)
	d.referral = "ldap://" + other.address + "/" + peopleDN
	_, err := newLDAP(t, directoryConfig("ldap://"+d.address)).Authenticate(t.Context(), "ada", adaPass)
	wantError(t, err, federation.ErrDenied)
	if n := other.connections(); n != 0 {
		t.Error("the referral was followed")
	}
}

func TestDirectoryAtABlockedAddress(t *testing.T) {
	t.Parallel()
	d := newDirectory(t, nil)
	c := federation.New(federation.Options{Now: time.Now, Random: rand.Reader})
	config := directoryConfig("ldap://" + d.address)
	config.StartTLS = true
	for _, server := range []string{config.Servers[0], "ldaps://" + d.address, "ldaps://localhost", "ldaps://169.254.169.254"} {
		config.Servers = []string{server}
		l, err := c.LDAP(config)
		if err != nil {
			t.Fatal(err)
		}
		wantError(t, l.Test(t.Context()), federation.ErrBlockedAddress)
		_, err = l.Authenticate(t.Context(), "ada", adaPass)
		wantError(t, err, federation.ErrBlockedAddress)
	}
	if n := d.connections(); n != 0 {
		t.Errorf("%d connections were made", n)
	}
}

func TestDirectoryThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })
	config := directoryConfig("ldap://" + silent.Addr().String())
	config.Timeout = 50 * time.Millisecond
	wantError(t, newLDAP(t, config).Test(t.Context()), federation.ErrUnreachable)

	config.Servers = []string{"ldap://" + closedAddress(t)}
	wantError(t, newLDAP(t, config).Test(t.Context()), federation.ErrUnreachable)
}

// A message may claim any length; what comes is read up to the limit.
func TestDirectoryThatSendsTooMuch(t *testing.T) {
	t.Parallel()
	flood, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { flood.Close() })
	written := make(chan int, 1)
	go func() {
		total := 0
		defer func() { written <- total }()
		conn, err := flood.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		// A sequence of 256 MiB with a string that fills it.
		_, _ = conn.Write([]byte{0x30, 0x84, 0x10, 0x00, 0x00, 0x00, 0x04, 0x84, 0x0f, 0xff, 0xff, 0xfa})
		junk := make([]byte, 64<<10)
		for {
			n, err := conn.Write(junk)
			if total += n; err != nil {
				return
			}
		}
	}()
	wantError(t, newLDAP(t, directoryConfig("ldap://"+flood.Addr().String())).Test(t.Context()), federation.ErrUnreachable)
	// What the sockets hold counts too.
	if n := <-written; n > 64<<20 {
		t.Errorf("%d bytes were taken", n)
	}
}

func closedAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	return l.Addr().String()
}
