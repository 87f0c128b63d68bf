package config_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestSignInSettings(t *testing.T) {
	t.Parallel()
	cfg, err := read(t, "")
	if err == nil {
		err = cfg.Validate()
	}
	if err != nil {
		t.Fatal(err)
	}
	if s := cfg.SignIn; s.SelfRegistration || s.AccessLife != 5*time.Minute || s.LockoutAttempts != 0 || len(s.TrustedProxies) != 0 {
		t.Errorf("by default: %+v", s)
	}
	cfg, err = read(t, "trusted-proxies: [10.0.0.0/8]\naccess-life: 2m", "--self-registration", "--lockout-attempts=7")
	if err != nil {
		t.Fatal(err)
	}
	proxies, err := cfg.SignIn.Proxies()
	if err != nil || len(proxies) != 1 || proxies[0] != netip.MustParsePrefix("10.0.0.0/8") {
		t.Errorf("proxies %v, %v", proxies, err)
	}
	if s := cfg.SignIn; !s.SelfRegistration || s.AccessLife != 2*time.Minute || s.LockoutAttempts != 7 {
		t.Errorf("as set: %+v", s)
	}
}

func TestSignInSettingsThatCannotWork(t *testing.T) {
	t.Parallel()
	for _, arg := range []string{
		"--access-life=1s", "--access-life=25h", "--session-life=0s", "--refresh-life=-1h", "--key-life=200000h",
		"--lockout-attempts=-1", "--trusted-proxies=10.0.0.1", "--trusted-proxies=everybody",
	} {
		cfg, err := read(t, "", arg)
		if err == nil {
			err = cfg.Validate()
		}
		flag, _, _ := strings.Cut(arg, "=")
		if err == nil || !strings.Contains(err.Error(), flag) {
			t.Errorf("%s: %v", arg, err)
		}
	}
}
