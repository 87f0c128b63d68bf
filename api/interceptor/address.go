package interceptor

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

const headerForwardedFor = "X-Forwarded-For"

// address is that of the client, without port, and whether it is one of ours that speaks for itself. Every proxy adds whom it got the request from, so the list is believed from its end,
// as long as it was a proxy of ours that wrote: whatever stands before that is the client's invention.
func (a *Authentication) address(r *http.Request) (client string, trusted bool) {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	if len(a.config.Proxies) == 0 {
		return host, false
	}
	from, ok := parseAddress(host)
	if !ok {
		return host, false
	}
	lines := r.Header[headerForwardedFor]
	for i := len(lines) - 1; i >= 0; i-- {
		for rest, more := lines[i], true; more; {
			var entry string
			rest, entry, more = cutLast(rest)
			if !a.ours(from) {
				return from.String(), false
			}
			next, ok := parseAddress(entry)
			if !ok {
				return from.String(), true
			}
			from = next
		}
	}
	return from.String(), a.ours(from)
}

func (a *Authentication) ours(address netip.Addr) bool {
	return slices.ContainsFunc(a.config.Proxies, func(p netip.Prefix) bool { return p.Contains(address) })
}

// cutLast cuts the last entry off a list.
func cutLast(list string) (rest, last string, more bool) {
	i := strings.LastIndexByte(list, ',')
	if i < 0 {
		return "", list, false
	}
	return list[:i], list[i+1:], true
}

// parseAddress reads an address with or without a port. One of IPv4 is the same in both its forms, and a zone says nothing to others.
func parseAddress(text string) (netip.Addr, bool) {
	text = strings.TrimSpace(text)
	address, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if err != nil {
		with, err := netip.ParseAddrPort(text)
		if err != nil {
			return netip.Addr{}, false
		}
		address = with.Addr()
	}
	return address.Unmap().WithZone(""), true
}
