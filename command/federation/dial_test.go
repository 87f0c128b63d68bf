package federation

import (
	"net/netip"
	"testing"
)

func TestPublicAddresses(t *testing.T) {
	t.Parallel()
	c := New(Options{})
	for address, want := range map[string]bool{
		"8.8.8.8":              true,
		"93.184.216.34":        true,
		"2606:4700::1111":      true,
		"2001:4860:4860::8888": true,
		"::ffff:8.8.8.8":       true, // the kernel connects to 8.8.8.8

		"0.0.0.0": false, "127.0.0.1": false, "127.255.255.254": false, "10.0.0.1": false, "172.31.255.255": false,
		"192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false, "100.127.255.255": false, "192.0.0.192": false,
		"198.18.0.1": false, "224.0.0.1": false, "239.255.255.255": false, "240.0.0.1": false, "255.255.255.255": false,
		"192.88.99.1": false, "203.0.113.7": false,

		"::": false, "::1": false, "::127.0.0.1": false, "::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false,
		"::ffff:169.254.169.254": false, "fe80::1": false, "fe80::1%eth0": false, "fc00::1": false, "fdff::1": false,
		"ff02::1": false, "64:ff9b::a00:1": false, "64:ff9b::7f00:1": false, "64:ff9b:1::a00:1": false, "2002:a00:1::": false,
		"2002:7f00:1::1": false, "2001::1": false, "2001:db8::1": false, "100::1": false, "5f00::1": false, "fec0::1": false,
	} {
		if got := c.allowed(netip.MustParseAddr(address), false); got != want {
			t.Errorf("%s allowed: %v, want %v", address, got, want)
		}
		if c.allowed(netip.MustParseAddr(address), true) {
			t.Errorf("%s is allowed without TLS", address)
		}
	}
}

func TestConfiguredAddresses(t *testing.T) {
	t.Parallel()
	c := New(Options{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fe80::/10")}})
	for address, want := range map[string]bool{
		"10.1.2.3": true, "::ffff:10.1.2.3": true, "10.2.0.1": false, "127.0.0.1": false, "fe80::1%eth0": true, "fc00::1": false,
	} {
		for _, plain := range []bool{false, true} {
			if got := c.allowed(netip.MustParseAddr(address), plain); got != want {
				t.Errorf("%s allowed: %v, want %v", address, got, want)
			}
		}
	}
}
