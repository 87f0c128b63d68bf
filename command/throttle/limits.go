package throttle

import (
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// SignInByIdentifier is by what somebody names the user with who is to be signed in, whether there is one or not. Who succeeds
// is forgiven.
func SignInByIdentifier() Limit {
	return Limit{
		Name: "sign-in by identifier", Free: 10, Delay: time.Second, Most: 15 * time.Minute, Forget: time.Hour, form: identifier,
	}
}

// SignInByAddress is by the client's address. Who succeeds gets back its own attempt.
func SignInByAddress() Limit {
	return Limit{
		Name: "sign-in by address", Free: 100, Delay: time.Second, Most: 5 * time.Minute, Forget: time.Hour, form: network, shared: true,
	}
}

// RegisterByAddress is by the client's address.
func RegisterByAddress() Limit {
	return Limit{
		Name: "registration by address", Free: 20, Delay: 10 * time.Second, Most: time.Hour, Forget: 24 * time.Hour, form: network,
	}
}

// CodeByUser is by the id of a user who asks in its own name.
func CodeByUser() Limit {
	return Limit{
		Name: "code by user", Free: 20, Delay: 30 * time.Second, Most: time.Hour, Forget: time.Hour,
	}
}

// CodeByAddress is by the client's address.
func CodeByAddress() Limit {
	return Limit{
		Name: "code by address", Free: 20, Delay: 5 * time.Second, Most: 15 * time.Minute, Forget: time.Hour, form: network,
	}
}

// CodeByRecipient is by the mailbox or number that a code is sent to, when somebody asks who is not trusted. A code that
// comes back shows that its recipient wants them, and is forgiven.
func CodeByRecipient() Limit {
	return Limit{
		Name: "code by recipient", Free: 5, Delay: 30 * time.Second, Most: time.Hour, Forget: 24 * time.Hour, form: identifier,
	}
}

// OrderedCodeByRecipient is by the mailbox or number that a code is sent to by order of an administrator or an application.
func OrderedCodeByRecipient() Limit {
	return Limit{
		Name: "ordered code by recipient", Free: 20, Delay: 30 * time.Second, Most: time.Hour, Forget: 24 * time.Hour, form: identifier,
	}
}

// maxKey bounds what of a key is counted by, in bytes; no name or address of ours is longer.
const maxKey = 1000

// identifier is one form of a username, a mailbox or a number, however it is spelled: nobody gets more attempts by writing it in
// another case.
func identifier(key string) string {
	return norm.NFC.String(strings.ToLower(norm.NFC.String(strings.TrimSpace(key))))
}

// network is what one client has of the address space: an IPv4 address, or the 64 bits that a network of IPv6 begins with
// (RFC 4291, section 2.5.4), in which every host picks addresses as it likes.
func network(key string) string {
	address, err := netip.ParseAddr(key)
	if err != nil {
		return key
	}
	address = address.Unmap().WithZone("")
	if address.Is4() {
		return address.String()
	}
	prefix, err := address.Prefix(64)
	if err != nil {
		return key
	}
	return prefix.String()
}

// canonical returns the form of a key that is counted by.
func (l *Limit) canonical(key string) string {
	if len(key) > maxKey {
		key = key[:maxKey]
		for !utf8.ValidString(key) && len(key) > maxKey-utf8.UTFMax {
			key = key[:len(key)-1]
		}
	}
	if l.form == nil {
		return key
	}
	return l.form(key)
}
