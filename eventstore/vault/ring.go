package vault

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
)

// keySize is the length of master keys and data keys: AES-256.
const keySize = 32

// maxMasterID bounds a master key's id, which every wrapped key carries.
const maxMasterID = 64

// maxRing bounds a key file; each rotation adds one line.
const maxRing = 1 << 20

// Ring holds the master keys by id; the newest wraps, all unwrap. It is immutable.
type Ring struct {
	keys map[string]*master
	ids  []string // oldest first
	path string   // empty when the ring came from a string
}

// ParseRing reads master keys, one "id:base64(32 bytes)" a line, newest last. Empty lines and lines that begin with
// "#" are skipped. Commas separate keys like line ends, for the sake of environment variables. Errors wrap ErrKeyFile
// and name the line, never its content.
func ParseRing(s string) (*Ring, error) {
	if len(s) > maxRing {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrKeyFile, maxRing)
	}
	ring := &Ring{keys: make(map[string]*master)}
	for number, line := range strings.Split(s, "\n") {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "#") {
			continue
		}
		for entry := range strings.SplitSeq(line, ",") {
			if entry = strings.TrimSpace(entry); entry == "" {
				continue
			}
			if err := ring.parse(entry); err != nil {
				return nil, fmt.Errorf("%w: line %d: %w", ErrKeyFile, number+1, err)
			}
		}
	}
	if len(ring.ids) == 0 {
		return nil, fmt.Errorf("%w: no key in it", ErrKeyFile)
	}
	return ring, nil
}

func (r *Ring) parse(entry string) error {
	id, encoded, found := strings.Cut(entry, ":")
	if !found {
		return fmt.Errorf("not of the form id:key")
	}
	if !validMasterID(id) {
		return fmt.Errorf("the id must be 1 to %d letters, digits, dots, dashes or underscores", maxMasterID)
	}
	if _, taken := r.keys[id]; taken {
		return fmt.Errorf("a second key with the id %q", id)
	}
	key, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil {
		// The decoder's error quotes nothing, but names offsets into the key: not for a log.
		return fmt.Errorf("the key of %q is not base64", id)
	}
	if len(key) != keySize {
		return fmt.Errorf("the key of %q has %d bytes instead of %d", id, len(key), keySize)
	}
	if bytes.Equal(key, make([]byte, keySize)) {
		return fmt.Errorf("the key of %q is all zeros", id)
	}
	r.keys[id] = &master{id: id, aead: newAEAD(key)}
	r.ids = append(r.ids, id)
	clear(key)
	return nil
}

func validMasterID(id string) bool {
	if id == "" || len(id) > maxMasterID {
		return false
	}
	return !strings.ContainsFunc(id, func(c rune) bool {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
			return false
		}
		return c != '.' && c != '-' && c != '_'
	})
}

// IDs returns the ids of the master keys, oldest first.
func (r *Ring) IDs() []string { return slices.Clone(r.ids) }

// Newest returns the id of the master key that wraps.
func (r *Ring) Newest() string { return r.ids[len(r.ids)-1] }

func (r *Ring) newest() *master { return r.keys[r.Newest()] }

// newLine makes a fresh master key in the file's form. Ids are random, so that an old copy of the file never comes to
// hold another key under the same id.
func newLine(random io.Reader) (string, error) {
	var fresh [4 + keySize]byte
	if _, err := io.ReadFull(random, fresh[:]); err != nil {
		return "", fmt.Errorf("vault: read random bytes: %w", err)
	}
	id := "master-" + hex.EncodeToString(fresh[:4])
	return id + ":" + base64.StdEncoding.EncodeToString(fresh[4:]) + "\n", nil
}

// NewRing makes a ring of one fresh key that is kept nowhere, for databases that live no longer than the process.
func NewRing() (*Ring, error) {
	line, err := newLine(rand.Reader)
	if err != nil {
		return nil, err
	}
	return ParseRing(line)
}
