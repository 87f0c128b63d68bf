package vault

import (
	"fmt"
	"io"
)

// Whatever way a key gets into a log line, only its kind shows. Format covers every verb of fmt, MarshalText JSON and
// structured loggers.

const (
	redactedRing  = "vault.Ring(redacted)"
	redactedKey   = "vault.Key(redacted)"
	redactedVault = "vault.Vault(redacted)"
)

// String shows what it is and nothing of what is in it.
func (r Ring) String() string { return redactedRing }

// GoString is String.
func (r Ring) GoString() string { return redactedRing }

// MarshalText is String.
func (r Ring) MarshalText() ([]byte, error) { return []byte(redactedRing), nil }

// Format is String for every verb.
func (r Ring) Format(s fmt.State, _ rune) { io.WriteString(s, redactedRing) }

// String shows what it is and nothing of what is in it.
func (k Key) String() string { return redactedKey }

// GoString is String.
func (k Key) GoString() string { return redactedKey }

// MarshalText is String.
func (k Key) MarshalText() ([]byte, error) { return []byte(redactedKey), nil }

// Format is String for every verb.
func (k Key) Format(s fmt.State, _ rune) { io.WriteString(s, redactedKey) }

// String shows what it is and nothing of what is in it.
func (v *Vault) String() string { return redactedVault }

// GoString is String.
func (v *Vault) GoString() string { return redactedVault }

// MarshalText is String.
func (v *Vault) MarshalText() ([]byte, error) { return []byte(redactedVault), nil }

// Format is String for every verb.
func (v *Vault) Format(s fmt.State, _ rune) { io.WriteString(s, redactedVault) }
