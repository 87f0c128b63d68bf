package config

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/signet-iam/signet/command/accesstoken"
)

// SignIn says who may sign in, and for how long that holds.
type SignIn struct {
	SelfRegistration bool          `help:"Users may register themselves." env:"SELF_REGISTRATION"`
	LogoURL          string        `name:"logo-url" help:"Picture for login pages." env:"LOGO_URL" placeholder:"URL"`
	SessionLife      time.Duration `help:"How long a session lives, unless who begins it says otherwise." default:"720h" env:"SESSION_LIFE"`
	RefreshLife      time.Duration `help:"How long a refresh token that is not used is good for." default:"168h" env:"REFRESH_LIFE"`
	AccessLife       time.Duration `help:"How long an access token is good for." default:"5m" env:"ACCESS_LIFE"`
	KeyLife          time.Duration `help:"How long a key signs access tokens." default:"720h" env:"KEY_LIFE"`
	LockoutAttempts  int           `help:"So many wrong passwords in a row lock a user for good; 0 for never. Growing delays apply in any case." env:"LOCKOUT_ATTEMPTS"`
	TrustedProxies   []string      `help:"Networks of proxies and of applications that sign people in from one address. The X-Forwarded-For and X-Forwarded-Host they send are believed; an address of theirs is not held against anybody." env:"TRUSTED_PROXIES" placeholder:"NETWORK"`
}

const (
	longestSession = 10 * 365 * 24 * time.Hour
	longestAccess  = 24 * time.Hour
)

// Longest is the longest life that anybody may ask for.
func (*SignIn) Longest() time.Duration { return longestSession }

func (s *SignIn) validate() error {
	for _, life := range []struct {
		flag               string
		least, value, most time.Duration
	}{
		{"--session-life", time.Minute, s.SessionLife, longestSession},
		{"--refresh-life", time.Minute, s.RefreshLife, longestSession},
		{"--access-life", time.Minute, s.AccessLife, longestAccess},
		{"--key-life", 2 * accesstoken.Overlap, s.KeyLife, longestSession},
	} {
		if life.value < life.least || life.value > life.most {
			return fmt.Errorf("%s: from %v to %v", life.flag, life.least, life.most)
		}
	}
	if s.LockoutAttempts < 0 {
		return errors.New("--lockout-attempts: not negative")
	}
	if _, err := s.Proxies(); err != nil {
		return fmt.Errorf("--trusted-proxies: %w", err)
	}
	return nil
}

// Proxies returns the networks whose word on a client's address is taken.
func (s *SignIn) Proxies() ([]netip.Prefix, error) { return networks(s.TrustedProxies) }

func networks(texts []string) ([]netip.Prefix, error) {
	out := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		network, err := netip.ParsePrefix(strings.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("%q is no network such as 10.0.0.0/8", text)
		}
		out[i] = network
	}
	return out, nil
}

// Issuer is the name of the installation in access tokens: where browsers reach it. Nodes that were told nothing agree on one name
// whatever port they serve on.
func (s *Server) Issuer() string {
	if s.ExternalURL == "" {
		return "http://" + s.name()
	}
	return s.External()
}
