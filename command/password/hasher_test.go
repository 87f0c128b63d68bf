package password_test

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/signet-iam/signet/command/password"
	"github.com/signet-iam/signet/eventstore/failure"
)

const secret = "Correct-Horse-7"

// Hashes of secret, made with glibc's crypt, OpenSSL and Python's hashlib.
func foreign() map[string]string {
	return map[string]string{
		"md5-crypt":                   "$1$abcdefgh$kZes7grFcx9h1XLdOZ8LE1",
		"sha256-crypt":                "$5$abcdefgh$P4SuwAf/wLjKlAX4qFvKoYKQpv1uyXl6GGZppYEbve9",
		"sha256-crypt with rounds":    "$5$rounds=1000$abcdefgh$YOA4btZCzBXNt7WWuijv/5H1vGEb4sk6U1x9rJBPoH6",
		"sha512-crypt":                "$6$abcdefgh$Hy3nhnZk2xhqm/hcKSo/x7S7qSFb2COZ9QiKN/mOKKxGc5kYUhHn0EiZ3e.n71cwBTclXfQWfUNw8H6vT8llt.",
		"sha1-crypt":                  "$sha1$1000$abcdefgh$5YXU./axHCC8BTLk0s8p2pdR0aq/",
		"bcrypt 2b":                   "$2b$05$abcdefghijklmnopqrstuuprk/rqhgcPTYTHLq52sX1mIsVNYyi5u",
		"bcrypt 2a":                   "$2a$05$abcdefghijklmnopqrstuuprk/rqhgcPTYTHLq52sX1mIsVNYyi5u",
		"bcrypt 2y":                   "$2y$05$abcdefghijklmnopqrstuuprk/rqhgcPTYTHLq52sX1mIsVNYyi5u",
		"bcrypt of a directory":       "{CRYPT}$2b$05$abcdefghijklmnopqrstuuprk/rqhgcPTYTHLq52sX1mIsVNYyi5u",
		"yescrypt":                    "$y$j9T$abcdefghijklmnop$6.46WUwOBiVsljClT7VzEjkeVL8aU4sOGcWzpvnxY77",
		"scrypt":                      "$scrypt$ln=14,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$99jkQ8QWi4BvdfbGbcNPe/Debw4QmNQC5YjxUfLv5no",
		"PBKDF2 with SHA-1":           "$pbkdf2-sha1$2000$MDEyMzQ1Njc4OWFiY2RlZg$hgd/X8tkMTU7ZiGdUx7cXmkcQOM",
		"PBKDF2 with SHA-256":         "$pbkdf2-sha256$2000$MDEyMzQ1Njc4OWFiY2RlZg$76O8g1BcHiCKAd0r/bnLCtu1TOp7LCbrXi1RIs.DmM0",
		"PBKDF2 with SHA-512":         "$pbkdf2-sha512$2000$MDEyMzQ1Njc4OWFiY2RlZg$ITMiiX6rTTxSr2EouRYsmLeuTGMb/o3QU5S.N.zEzxGfIobLtLmCyJdfchw81OsrXS3CRlBPOwvEpgJOVGxKoA",
		"PBKDF2 as directories write": "{PBKDF2-SHA256}2000$MDEyMzQ1Njc4OWFiY2RlZg$76O8g1BcHiCKAd0r/bnLCtu1TOp7LCbrXi1RIs.DmM0",
	}
}

func hasher() *password.Hasher { return password.NewHasher(password.Options{Random: rand.Reader}) }

func TestForeignHashes(t *testing.T) {
	t.Parallel()
	h := hasher()
	for name, hash := range foreign() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kept, err := password.Accept(hash)
			if err != nil {
				t.Fatal(err)
			}
			if ok, err := h.Verify(t.Context(), kept, secret); err != nil || !ok || !password.Outdated(kept) {
				t.Errorf("right password: %v, %v", ok, err)
			}
			for _, wrong := range []string{"", "Correct-Horse-8", secret + "x", strings.ToLower(secret)} {
				if ok, err := h.Verify(t.Context(), kept, wrong); err != nil || ok {
					t.Errorf("wrong password %q: %v, %v", wrong, ok, err)
				}
			}
		})
	}
}

func TestOwnHashes(t *testing.T) {
	t.Parallel()
	h := hasher()
	for name, pw := range map[string]string{
		"short": secret, "unicode": "Pässwörd-1 🙂", "above 72 bytes": strings.Repeat("Aa1!", 40), "longest": strings.Repeat("x", password.MaxLength),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hash, err := h.Hash(t.Context(), pw)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") || strings.Contains(hash, pw) {
				t.Errorf("form of the hash: %s", hash)
			}
			if _, err := password.Accept(hash); err != nil || password.Outdated(hash) {
				t.Errorf("an own hash is not accepted, or not for long: %v", err)
			}
			if ok, err := h.Verify(t.Context(), hash, pw); err != nil || !ok {
				t.Errorf("right password: %v, %v", ok, err)
			}
			if ok, err := h.Verify(t.Context(), hash, pw[:len(pw)-1]); err != nil || ok {
				t.Errorf("without its last byte: %v, %v", ok, err)
			}
			again, err := h.Hash(t.Context(), pw)
			if err != nil || again == hash {
				t.Errorf("the same salt twice: %v", err)
			}
		})
	}
	if _, err := h.Hash(t.Context(), strings.Repeat("x", password.MaxLength+1)); !errors.Is(err, password.ErrTooLong) {
		t.Errorf("too long: %v", err)
	}
}

// Of argon2id another cost counts, higher or lower, and another variant; what nobody can read is outdated too.
func TestOutdated(t *testing.T) {
	t.Parallel()
	const tail = "$MDEyMzQ1Njc4OWFiY2RlZg$99jkQ8QWi4BvdfbGbcNPe/Debw4QmNQC5YjxUfLv5no"
	for hash, want := range map[string]bool{
		"$argon2id$v=19$m=19456,t=2,p=1" + tail: false,
		"$argon2id$v=19$m=19455,t=2,p=1" + tail: true,
		"$argon2id$v=19$m=65536,t=2,p=1" + tail: true,
		"$argon2id$v=19$m=19456,t=3,p=1" + tail: true,
		"$argon2id$v=19$m=19456,t=2,p=4" + tail: true,
		"$argon2i$v=19$m=19456,t=2,p=1" + tail:  true,
		"$argon2d$v=19$m=19456,t=2,p=1" + tail:  true,
		"$argon2id$v=16$m=19456,t=2,p=1" + tail: true,
		"":                                      true,
		"secret":                                true,
	} {
		if got := password.Outdated(hash); got != want {
			t.Errorf("%q: %t", hash, got)
		}
	}
}

func TestBoundsOfForeignHashes(t *testing.T) {
	t.Parallel()
	const tail = "$MDEyMzQ1Njc4OWFiY2RlZg$99jkQ8QWi4BvdfbGbcNPe/Debw4QmNQC5YjxUfLv5no"
	const costly, unsupported = "USER_PASSWORD_HASH_TOO_COSTLY", "USER_PASSWORD_NOT_SUPPORTED"
	for hash, reason := range map[string]string{
		"$argon2id$v=19$m=65536,t=3,p=4" + tail:                        "",
		"$argon2id$v=19$m=131073,t=1,p=1" + tail:                       costly,
		"$argon2id$v=19$m=4194304,t=1,p=1" + tail:                      costly,
		"$argon2id$v=19$m=131072,t=5,p=1" + tail:                       costly,
		"$argon2id$v=19$m=64,t=2147483647,p=1" + tail:                  costly,
		"$argon2id$v=19$m=65536,t=1,p=17" + tail:                       costly,
		"$argon2id$v=19$m=65536,t=0,p=1" + tail:                        unsupported,
		"$argon2id$v=19$m=65536,t=1,p=0" + tail:                        unsupported,
		"$argon2id$v=19$m=4294967295,t=1,p=1" + tail:                   unsupported,
		"$argon2id$v=19$m=64,m=4194304,t=1" + tail:                     unsupported,
		"$argon2id$v=19$m=64,t=1,p=1,m=4194304" + tail:                 unsupported,
		"$argon2id$v=16$m=65536,t=1,p=1" + tail:                        unsupported,
		"$argon2id$m=4194304,t=1,p=1$v=19" + tail:                      unsupported,
		"$2b$14$abcdefghijklmnopqrstuuprk/rqhgcPTYTHLq52sX1mIsVNYyi5u": "",
		"$2b$15$abcdefghijklmnopqrstuuprk/rqhgcPTYTHLq52sX1mIsVNYyi5u": costly,
		"$2b$31$abcdefghijklmnopqrstuuprk/rqhgcPTYTHLq52sX1mIsVNYyi5u": costly,
		"$2b$03$abcdefghijklmnopqrstuuprk/rqhgcPTYTHLq52sX1mIsVNYyi5u": unsupported,
		"$2b$-1$abcdefghijklmnopqrstuuprk/rqhgcPTYTHLq52sX1mIsVNYyi5u": unsupported,
		"$2b$05$tooshort":                               unsupported,
		"$scrypt$ln=17,r=8,p=1" + tail:                  "",
		"$scrypt$ln=18,r=8,p=1" + tail:                  costly,
		"$scrypt$ln=17,r=8,p=3" + tail:                  costly,
		"$scrypt$ln=58,r=8,p=1" + tail:                  costly,
		"$scrypt$ln=1,r=2147483647,p=2147483647" + tail: costly,
		"$scrypt$ln=0,r=8,p=1" + tail:                   unsupported,
		"$y$jzzz" + tail:                                unsupported,
		"$y$jzz" + tail:                                 costly,
		"$pbkdf2-sha256$2000000" + tail:                 "",
		"$pbkdf2-sha256$2000001" + tail:                 costly,
		"$pbkdf2-sha256$2147483647" + tail:              costly,
		"$pbkdf2-sha256$0" + tail:                       unsupported,
		"$5$rounds=1000000$abcdefgh$YOA4btZCzBXNt7WWuijv/5H1vGEb4sk6U1x9rJBPoH6":   "",
		"$5$rounds=999999999$abcdefgh$YOA4btZCzBXNt7WWuijv/5H1vGEb4sk6U1x9rJBPoH6": costly,
		"$5$rounds=1$abcdefgh$YOA4btZCzBXNt7WWuijv/5H1vGEb4sk6U1x9rJBPoH6":         unsupported,
		"$sha1$4294967295$abcdefgh$5YXU./axHCC8BTLk0s8p2pdR0aq/":                   unsupported,
		"$sha1$1000001$abcdefgh$5YXU./axHCC8BTLk0s8p2pdR0aq/":                      costly,
		"": unsupported, "plain": unsupported, "$plaintext$x": unsupported, "$plaintext$Password$": unsupported, "$base64$UGFzc3dvcmQ$": unsupported,
		"{SSHA}abc": unsupported, "$$$$": unsupported, "$1$$": unsupported, "$md5,rounds=4294967295$abcdefgh$$x": unsupported,
		"$1$" + strings.Repeat("x", 600) + "$y": unsupported,
	} {
		_, err := password.Accept(hash)
		got := ""
		if refusal, ok := errors.AsType[*failure.Error](err); ok {
			got = refusal.Reason
		}
		if got != reason || reason != "" && failureKind(err) != failure.InvalidArgument {
			t.Errorf("%.60s: %v, want %q", hash, err, reason)
		}
		if reason != "" {
			if ok, err := hasher().Verify(t.Context(), hash, secret); ok || err == nil {
				t.Errorf("%.60s: verified: %v, %v", hash, ok, err)
			}
		}
	}
}

func failureKind(err error) failure.Kind {
	if refusal, ok := errors.AsType[*failure.Error](err); ok {
		return refusal.Kind
	}
	return 0
}

// Whatever is accepted can be verified without a panic, and nothing matches by accident.
func TestMutatedHashesNeverMatchNorPanic(t *testing.T) {
	t.Parallel()
	var pool []string
	for _, hash := range foreign() {
		pool = append(pool, hash)
	}
	h := hasher()
	rapid.Check(t, func(t *rapid.T) {
		hash := []byte(rapid.SampledFrom(pool).Draw(t, "hash"))
		for range rapid.IntRange(1, 4).Draw(t, "changes") {
			hash[rapid.IntRange(0, len(hash)-1).Draw(t, "at")] = rapid.SampledFrom([]byte("$=,.0123456789abcxyzAZ/+-_ \x00\xff")).Draw(t, "with")
		}
		kept, err := password.Accept(string(hash))
		if err != nil {
			if failureKind(err) != failure.InvalidArgument {
				t.Fatalf("%q: %v", hash, err)
			}
			return
		}
		if _, err := h.Verify(context.Background(), kept, "Another-Horse-8"); err != nil {
			t.Logf("%q is accepted and cannot be verified: %v", hash, err)
		}
		if ok, _ := h.Verify(context.Background(), kept, "Another-Horse-8"); ok {
			t.Fatalf("%q fits another password", hash)
		}
	})
}

func TestOnlySoManyHashAtOnce(t *testing.T) {
	t.Parallel()
	h := password.NewHasher(password.Options{Random: rand.Reader, Parallel: 1, Waiting: 2})
	const callers = 40
	var wg sync.WaitGroup
	results := make(chan error, callers)
	start := make(chan struct{})
	for range callers {
		wg.Go(func() {
			<-start
			_, err := h.Hash(context.Background(), secret)
			results <- err
		})
	}
	close(start)
	wg.Wait()
	close(results)
	done, busy := 0, 0
	for err := range results {
		switch {
		case err == nil:
			done++
		case errors.Is(err, password.ErrBusy):
			busy++
		default:
			t.Errorf("unexpected: %v", err)
		}
	}
	if done == 0 || busy == 0 || done+busy != callers {
		t.Errorf("%d hashed and %d were turned away of %d", done, busy, callers)
	}
	// The places of those who were turned away are free again.
	if _, err := h.Hash(t.Context(), secret); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestACallerWhoGaveUpDoesNotHash(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 20 {
		if _, err := hasher().Hash(ctx, secret); !errors.Is(err, context.Canceled) {
			t.Fatalf("hashed for nobody: %v", err)
		}
	}
}

func TestPolicy(t *testing.T) {
	t.Parallel()
	for pw, want := range map[string]error{
		"Aa1!aaaa": nil, "Äß1 ßßßß": nil, strings.Repeat("Aa1!", 200): nil,
		"":                                password.ErrTooShort,
		"a":                               password.ErrTooShort,
		"Aa1!aaa":                         password.ErrTooShort,
		"Äß1 ßßß":                         password.ErrTooShort,
		"AAAAAAA1!":                       password.ErrNoLower,
		"12345678":                        password.ErrNoLower,
		"aaaaaaa1!":                       password.ErrNoUpper,
		"aaaaaaaa":                        password.ErrNoUpper,
		"Aaaaaaaa!":                       password.ErrNoDigit,
		"Aaaaaaa1":                        password.ErrNoSymbol,
		strings.Repeat("Aa1!", 256):       nil,
		strings.Repeat("Aa1!", 256) + "x": password.ErrTooLong,
	} {
		if err := password.DefaultPolicy().Check(pw); !errors.Is(err, want) {
			t.Errorf("%.20q: %v, want %v", pw, err, want)
		}
	}
}
