package password

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/go-crypt/crypt"
	"github.com/go-crypt/x/yescrypt"

	"github.com/signet-iam/signet/eventstore/failure"
)

// The limits of hashes that were made elsewhere. Each sign-in pays for them, and whoever may import a hash could otherwise
// make a single sign-in take hours or all memory. They let through what current advice recommends, about a second of one
// processor at most.
const (
	maxHash = 512 // bytes; the longest form in use has about 200

	maxArgonMemory = 128 << 10 // KiB; advice goes up to 64 MiB for servers
	maxArgonWork   = 512 << 10 // KiB times passes: the time it takes
	maxArgonLanes  = 16        // each lane is a goroutine

	minBcryptCost = 4  // below, the algorithm is not defined
	maxBcryptCost = 14 // each step doubles the time; 14 takes about a second

	maxScryptMemory = 128 << 20 // bytes: 128·N·r
	maxScryptWork   = 256 << 20 // bytes: 128·N·r·p
	maxScryptLog    = 20        // keeps the product above from overflowing
	maxScryptFactor = 1 << 16

	maxPBKDF2Work = 2_000_000 // iterations times blocks of output; advice goes up to 1.3 million
	minCryptRound = 1_000     // of sha-crypt; implementations silently raise a lower number
	maxCryptRound = 1_000_000
)

func tooCostly(what string) error {
	return failure.New(failure.InvalidArgument, "USER_PASSWORD_HASH_TOO_COSTLY", "the password hash is too costly to verify: "+what)
}

// settings is what a hash says about its cost.
type settings struct {
	family
	params map[string]int
	length int // of the derived key, in bytes, where it matters
}

// parse reads the settings of a hash and returns it without the wrappings some directories put around it.
func parse(hash string) (string, settings, error) {
	if len(hash) == 0 || len(hash) > maxHash {
		return "", settings{}, ErrUnsupported
	}
	hash = crypt.Normalize(hash)
	parts := strings.Split(hash, "$")
	if len(parts) < 4 || parts[0] != "" {
		return "", settings{}, ErrUnsupported
	}
	for _, part := range parts[1:] {
		if part == "" {
			return "", settings{}, ErrUnsupported
		}
	}
	s, ok := read(parts[1], parts[2:])
	if !ok {
		return "", settings{}, ErrUnsupported
	}
	return hash, s, nil
}

func read(name string, rest []string) (s settings, ok bool) {
	switch name {
	case "argon2id", "argon2i", "argon2d":
		s.family = familyArgon2
		if len(rest) != 4 || rest[0] != "v=19" {
			return s, false
		}
		s.params, ok = parameters(rest[1], "m", "t", "p")
	case "2", "2a", "2b", "2x", "2y":
		s.family = familyBcrypt
		if len(rest) != 2 {
			return s, false
		}
		s.params, ok = number("cost", rest[0])
	case "bcrypt-sha256":
		s.family = familyBcrypt
		params, found := strings.CutPrefix(rest[0], "v=2,t=2b,")
		if len(rest) != 3 || !found {
			return s, false
		}
		s.params, ok = parameters(params, "r")
		s.params = map[string]int{"cost": s.params["r"]}
	case "scrypt":
		s.family = familyScrypt
		if len(rest) != 3 {
			return s, false
		}
		s.params, ok = parameters(rest[0], "ln", "r", "p")
	case "y":
		s.family = familyYescrypt
		if len(rest) != 3 {
			return s, false
		}
		_, ln, r, err := yescrypt.DecodeSetting([]byte(rest[0]))
		s.params, ok = map[string]int{"ln": ln, "r": r, "p": 1}, err == nil
	case "pbkdf2", "pbkdf2-sha1", "pbkdf2-sha224", "pbkdf2-sha256", "pbkdf2-sha384", "pbkdf2-sha512":
		s.family = familyPBKDF2
		if len(rest) != 3 {
			return s, false
		}
		s.params, ok = number("rounds", rest[0])
		s.length = base64.RawStdEncoding.DecodedLen(len(rest[2]))
	default:
		return readCrypt(name, rest)
	}
	return s, ok
}

// readCrypt reads the forms of the crypt(3) family.
func readCrypt(name string, rest []string) (s settings, ok bool) {
	switch name {
	case "5", "6":
		s.family = familySHACrypt
		switch len(rest) {
		case 2:
			return settings{family: familySHACrypt, params: map[string]int{"rounds": 5000}}, true
		case 3:
			s.params, ok = parameters(rest[0], "rounds")
		}
	case "sha1":
		s.family = familySHA1Crypt
		if len(rest) == 3 {
			s.params, ok = number("rounds", rest[0])
		}
	case "1":
		s.family, ok = familyMD5Crypt, len(rest) == 2
	}
	return s, ok
}

// parameters reads "a=1,b=2" and wants exactly the named ones, each once.
func parameters(s string, names ...string) (map[string]int, bool) {
	pairs := strings.Split(s, ",")
	if len(pairs) != len(names) {
		return nil, false
	}
	out := make(map[string]int, len(names))
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		n, ok := number(name, value)
		if _, twice := out[name]; twice || !ok {
			return nil, false
		}
		out[name] = n[name]
	}
	for _, name := range names {
		if _, ok := out[name]; !ok {
			return nil, false
		}
	}
	return out, true
}

func number(name, value string) (map[string]int, bool) {
	n, err := strconv.ParseUint(value, 10, 31)
	return map[string]int{name: int(n)}, err == nil
}

// bound refuses a hash that costs too much to verify, or none at all.
func (s settings) bound() error {
	p := s.params
	switch s.family {
	case familyArgon2:
		switch {
		case p["t"] < 1 || p["p"] < 1 || p["m"] < 8*p["p"]:
			return ErrUnsupported
		case p["m"] > maxArgonMemory:
			return tooCostly("more than 128 MiB of memory")
		case p["t"] > maxArgonWork || p["m"]*p["t"] > maxArgonWork:
			return tooCostly("memory times passes is more than 512 MiB")
		case p["p"] > maxArgonLanes:
			return tooCostly("more than 16 lanes")
		}
	case familyBcrypt:
		switch {
		case p["cost"] < minBcryptCost:
			return ErrUnsupported
		case p["cost"] > maxBcryptCost:
			return tooCostly("a bcrypt cost above 14")
		}
	case familyScrypt, familyYescrypt:
		return boundScrypt(p["ln"], p["r"], p["p"])
	case familyPBKDF2:
		// SHA-1 has the shortest output, so this counts at least as many blocks as there are.
		switch blocks := (s.length + 19) / 20; {
		case p["rounds"] < 1:
			return ErrUnsupported
		case p["rounds"] > maxPBKDF2Work || p["rounds"]*blocks > maxPBKDF2Work*4:
			return tooCostly("more than 2,000,000 iterations")
		}
	case familySHACrypt, familySHA1Crypt:
		switch {
		case p["rounds"] < minCryptRound && s.family == familySHACrypt, p["rounds"] < 1:
			return ErrUnsupported
		case p["rounds"] > maxCryptRound:
			return tooCostly("more than 1,000,000 rounds")
		}
	}
	return nil
}

func boundScrypt(ln, r, p int) error {
	if ln < 1 || r < 1 || p < 1 {
		return ErrUnsupported
	}
	if ln > maxScryptLog || r > maxScryptFactor || p > maxScryptFactor {
		return tooCostly("scrypt parameters out of range")
	}
	memory := 128 << ln * r
	if memory > maxScryptMemory {
		return tooCostly("more than 128 MiB of memory")
	}
	if memory*p > maxScryptWork {
		return tooCostly("scrypt work above 256 MiB")
	}
	return nil
}
