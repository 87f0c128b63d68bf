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

func (r Ring) String() string               { return redactedRing }
func (r Ring) GoString() string             { return redactedRing }
func (r Ring) MarshalText() ([]byte, error) { return []byte(redactedRing), nil }

// Format implements fmt.Formatter.
func (r Ring) Format(s fmt.State, _ rune) { io.WriteString(s, redactedRing) }

func (k Key) String() string               { return redactedKey }
func (k Key) GoString() string             { return redactedKey }
func (k Key) MarshalText() ([]byte, error) { return []byte(redactedKey), nil }

// Format implements fmt.Formatter.
func (k Key) Format(s fmt.State, _ rune) { io.WriteString(s, redactedKey) }

func (v *Vault) String() string               { return redactedVault }
func (v *Vault) GoString() string             { return redactedVault }
func (v *Vault) MarshalText() ([]byte, error) { return []byte(redactedVault), nil }

// Format implements fmt.Formatter.
func (v *Vault) Format(s fmt.State, _ rune) { io.WriteString(s, redactedVault) }
