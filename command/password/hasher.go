package password

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/go-crypt/crypt/algorithm"
	"github.com/go-crypt/crypt/algorithm/argon2"
	"github.com/go-crypt/crypt/algorithm/bcrypt"
	"github.com/go-crypt/crypt/algorithm/md5crypt"
	"github.com/go-crypt/crypt/algorithm/pbkdf2"
	"github.com/go-crypt/crypt/algorithm/scrypt"
	"github.com/go-crypt/crypt/algorithm/sha1crypt"
	"github.com/go-crypt/crypt/algorithm/shacrypt"
	xargon2 "golang.org/x/crypto/argon2"

	"github.com/signet-iam/signet/eventstore/failure"
)

// The cost of new hashes: the first choice of current advice for servers that hash many passwords.
const (
	argonMemory = 19 * 1024 // KiB
	argonPasses = 2
	argonLanes  = 1
	argonSalt   = 16
	argonKey    = 32
)

// MaxLength bounds a password, in bytes. It is far above what anybody types and keeps hashing one from being an attack.
const MaxLength = 1024

var (
	// ErrBusy says that too many passwords wait to be hashed.
	ErrBusy = failure.New(failure.ResourceExhausted, "PASSWORD_HASHING_BUSY", "too many passwords are being checked: try again in a second")
	// ErrUnsupported says that a given hash is of a kind nobody can verify.
	ErrUnsupported = failure.New(failure.InvalidArgument, "USER_PASSWORD_NOT_SUPPORTED", "the password hash is of a kind that is not supported")
	// ErrTooLong says that a password has more than MaxLength bytes.
	ErrTooLong = failure.Newf(failure.InvalidArgument, "USER_PASSWORD_TOO_LONG", "the password has more than %d bytes", MaxLength)
)

// Options of a Hasher. The zero value is usable but for Random.
type Options struct {
	Random   io.Reader // salts
	Parallel int       // hashes computed at once; Parallel() if 0
	Waiting  int       // hashes that may wait for their turn; 64 if 0
	// Busy, if set, is told when hashes begin to be computed and when none is any more.
	Busy func(bool)
}

// Hasher hashes and verifies, a bounded number at a time. It is safe for concurrent use.
type Hasher struct {
	random  io.Reader
	slots   chan struct{}
	inside  atomic.Int64 // computing or waiting
	ceiling int64

	busy      func(bool)
	mu        sync.Mutex
	computing int
}

// Parallel is how many hashes a process computes at once unless told otherwise: on half of its processors. All of them would
// let requests wait for hashes, and memory grows with each.
func Parallel() int { return max(1, runtime.GOMAXPROCS(0)/2) }

// NewHasher returns a hasher.
func NewHasher(o Options) *Hasher {
	if o.Parallel <= 0 {
		o.Parallel = Parallel()
	}
	if o.Waiting <= 0 {
		o.Waiting = 64
	}
	return &Hasher{random: o.Random, slots: make(chan struct{}, o.Parallel), ceiling: int64(o.Parallel + o.Waiting), busy: o.Busy}
}

// Hash returns the hash of a password in PHC form. Errors: ErrBusy, ErrTooLong, that of ctx.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	if len(password) > MaxLength {
		return "", ErrTooLong
	}
	salt := make([]byte, argonSalt)
	if _, err := io.ReadFull(h.random, salt); err != nil {
		return "", fmt.Errorf("password: read random bytes: %w", err)
	}
	var sum []byte
	err := h.run(ctx, func() {
		sum = xargon2.IDKey([]byte(password), salt, argonPasses, argonMemory, argonLanes, argonKey)
	})
	if err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", xargon2.Version, argonMemory, argonPasses, argonLanes,
		b64.EncodeToString(salt), b64.EncodeToString(sum)), nil
}

// Verify reports whether a password fits a hash. The comparison takes the same time wherever the first difference is.
func (h *Hasher) Verify(ctx context.Context, hash, password string) (bool, error) {
	if len(password) > MaxLength {
		return false, nil
	}
	digest, err := decode(hash)
	if err != nil {
		return false, err
	}
	var match bool
	var fault error
	err = h.run(ctx, func() { match, fault = digest.MatchAdvanced(password) })
	if err != nil {
		return false, err
	}
	if fault != nil {
		return false, fmt.Errorf("password: verify: %w", fault)
	}
	return match, nil
}

// Pretend takes as long as Verify of a hash made here, for callers who must not learn that there is nothing to verify.
func (h *Hasher) Pretend(ctx context.Context, password string) error {
	if len(password) > MaxLength {
		return nil
	}
	return h.run(ctx, func() {
		xargon2.IDKey([]byte(password), make([]byte, argonSalt), argonPasses, argonMemory, argonLanes, argonKey)
	})
}

// Accept returns a hash that was made elsewhere in the form in which it is kept, or says why it cannot be taken over.
func Accept(hash string) (string, error) {
	hash, s, err := parse(hash)
	if err != nil {
		return "", err
	}
	if err := s.bound(); err != nil {
		return "", err
	}
	if _, err := s.decode(hash); err != nil {
		return "", ErrUnsupported.Because(err)
	}
	return hash, nil
}

// Outdated reports whether a hash is not one that Hash would make today: of another kind, or of another cost.
func Outdated(hash string) bool {
	_, s, err := parse(hash)
	if err != nil || s.family != familyArgon2 || !strings.HasPrefix(hash, "$argon2id$") {
		return true
	}
	return s.params["m"] != argonMemory || s.params["t"] != argonPasses || s.params["p"] != argonLanes
}

// decode checks the bounds again: a hash in the log may be older than a limit.
func decode(hash string) (algorithm.Digest, error) {
	hash, s, err := parse(hash)
	if err != nil {
		return nil, err
	}
	if err := s.bound(); err != nil {
		return nil, err
	}
	digest, err := s.decode(hash)
	if err != nil {
		return nil, ErrUnsupported.Because(err)
	}
	return digest, nil
}

func (h *Hasher) run(ctx context.Context, compute func()) error {
	defer h.inside.Add(-1)
	if h.inside.Add(1) > h.ceiling {
		return ErrBusy
	}
	if ctx.Err() != nil { // select would choose at random
		return fmt.Errorf("password: %w", ctx.Err())
	}
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
		h.count(1)
		defer h.count(-1)
		return apart(compute)
	case <-ctx.Done():
		return fmt.Errorf("password: wait for a turn: %w", ctx.Err())
	}
}

// count keeps the number of hashes being computed.
func (h *Hasher) count(by int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	was := h.computing > 0
	h.computing += by
	if is := h.computing > 0; is != was && h.busy != nil {
		h.busy(is)
	}
}

// apart runs compute on a thread that yields to all others, and waits for it. A hash takes as long as hundreds of requests;
// the kernel can put it behind them at any moment, the scheduler of Go only every ten milliseconds.
func apart(compute func()) (err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if cause := recover(); cause != nil { // the caller's recovery does not reach here
				err = fmt.Errorf("password: panic: %v", cause)
			}
		}()
		// Never unlocked: the thread ends with the goroutine, because nobody else must go on with its niceness.
		runtime.LockOSThread()
		yield()
		compute()
	}()
	<-done
	return err
}

// family is a kind of hash with what it takes to read one.
type family uint8

const (
	familyArgon2 family = iota + 1
	familyBcrypt
	familyScrypt
	familyYescrypt
	familyPBKDF2
	familySHACrypt
	familySHA1Crypt
	familyMD5Crypt
)

func (f family) decode(hash string) (algorithm.Digest, error) {
	switch f {
	case familyArgon2:
		return argon2.Decode(hash)
	case familyBcrypt:
		return bcrypt.Decode(hash)
	case familyScrypt, familyYescrypt:
		return scrypt.Decode(hash)
	case familyPBKDF2:
		return pbkdf2.Decode(hash)
	case familySHACrypt:
		return shacrypt.Decode(hash)
	case familySHA1Crypt:
		return sha1crypt.Decode(hash)
	case familyMD5Crypt:
		return md5crypt.Decode(hash)
	}
	return nil, fmt.Errorf("password: family %d", f)
}
