package vault_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/signet-iam/signet/eventstore/vault"
)

func TestNothingShowsAKey(t *testing.T) {
	t.Parallel()
	ring, err := vault.ParseRing("a:" + keyA)
	if err != nil {
		t.Fatal(err)
	}
	v := newVault(t, ring, newTable())
	key, _, err := v.NewKey(tenant, "u1")
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]any{
		"ring": ring, "ring value": *ring, "key": key, "key pointer": &key, "vault": v,
		"in a struct": struct {
			R *vault.Ring
			K vault.Key
			V *vault.Vault
		}{ring, key, v},
		"in a slice": []any{ring, *ring, key, v},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, text := range append(formats(value), encodings(t, value)...) {
				wantRedacted(t, text)
			}
		})
	}
}

func formats(value any) []string {
	texts := []string{fmt.Sprint(value), fmt.Sprintln(value)}
	for _, verb := range []string{"v", "+v", "#v", "s", "q", "x", "X", "d", "o", "b", "10v", "-40s"} {
		texts = append(texts, fmt.Sprintf("%"+verb, value))
	}
	return texts
}

func encodings(t *testing.T, value any) []string {
	t.Helper()
	encoded, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var text, structured bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("m", "k", value)
	slog.New(slog.NewJSONHandler(&structured, nil)).Info("m", "k", value)
	return []string{string(encoded), text.String(), structured.String()}
}

func wantRedacted(t *testing.T, text string) {
	t.Helper()
	if !strings.Contains(text, "redacted") {
		t.Errorf("%q is not redacted", text)
	}
	raw, err := base64.StdEncoding.DecodeString(keyA)
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{keyA[:12], hex.EncodeToString(raw[:8]), "1 2 3 4", "aead"} {
		if strings.Contains(strings.ToLower(text), strings.ToLower(form)) {
			t.Errorf("%q shows %q", text, form)
		}
	}
}
