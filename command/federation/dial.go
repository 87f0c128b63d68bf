package federation

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"syscall"
)

// Addresses that are not the public internet's although they are neither private nor local by their prefix: the registries
// of RFC 6890. From IPv6 only 2000::/3 is public, so that what maps IPv4 elsewhere (::ffff:0:0/96, 64:ff9b::/96) is out anyway.
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"),   // shared by carriers
	netip.MustParsePrefix("192.0.0.0/24"),    // protocol assignments
	netip.MustParsePrefix("192.0.2.0/24"),    // documentation
	netip.MustParsePrefix("192.88.99.0/24"),  // 6to4 relays
	netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks
	netip.MustParsePrefix("198.51.100.0/24"), // documentation
	netip.MustParsePrefix("203.0.113.0/24"),  // documentation
	netip.MustParsePrefix("240.0.0.0/4"),     // future use, broadcast
	netip.MustParsePrefix("2001::/23"),       // protocol assignments, Teredo
	netip.MustParsePrefix("2001:db8::/32"),   // documentation
	netip.MustParsePrefix("2002::/16"),       // 6to4
	netip.MustParsePrefix("3fff::/20"),       // documentation
}

var global = netip.MustParsePrefix("2000::/3")

// public says whether an address is one of the public internet.
func public(a netip.Addr) bool {
	switch {
	case !a.IsValid(), a.IsUnspecified(), a.IsLoopback(), a.IsPrivate(), a.IsMulticast(), a.IsLinkLocalUnicast():
		return false
	case a.Is6() && !global.Contains(a):
		return false
	}
	return !slices.ContainsFunc(reserved, func(p netip.Prefix) bool { return p.Contains(a) })
}

// allowed says whether an address may be spoken to, without TLS if plain.
func (c *Client) allowed(a netip.Addr, plain bool) bool {
	// An address with a zone is in no prefix, and the kernel takes a mapped one for the IPv4 address in it.
	a = a.WithZone("").Unmap()
	if slices.ContainsFunc(c.private, func(p netip.Prefix) bool { return p.Contains(a) }) {
		return true
	}
	return !plain && public(a)
}

// dial connects to host:port. The address is judged after the name is resolved and before a packet is sent.
func (c *Client) dial(ctx context.Context, network, address string, plain bool) (net.Conn, error) {
	d := net.Dialer{
		Timeout: c.timeout,
		ControlContext: func(_ context.Context, _, resolved string, _ syscall.RawConn) error {
			a, err := netip.ParseAddrPort(resolved)
			if err != nil || !c.allowed(a.Addr(), plain) {
				return ErrBlockedAddress
			}
			return nil
		},
	}
	return d.DialContext(ctx, network, address)
}
