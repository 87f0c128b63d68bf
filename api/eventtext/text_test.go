package eventtext

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/eventstore/vault"
)

// noKeys is a store without data keys.
type noKeys struct{}

func (noKeys) DataKeys(context.Context, string, []string) (map[string][]byte, error) { return nil, nil }

// Every type that a user's stream can hold has a text in every language, no two have the same, and no text is of a type that there
// is not.
func TestEveryEventTypeHasItsTexts(t *testing.T) {
	t.Parallel()
	ring, err := vault.NewRing()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := vault.New(ring, noKeys{})
	if err != nil {
		t.Fatal(err)
	}
	published, err := codec.New(keys)
	if err != nil {
		t.Fatal(err)
	}
	types := slices.DeleteFunc(published.Types(), func(name string) bool { return !strings.HasPrefix(name, "user.") })
	if len(types) < 60 {
		t.Fatalf("only %d types of users' events", len(types))
	}
	for language := range languageCount {
		seen := make(map[string]string)
		for _, name := range types {
			text := language.Of(name)
			if _, known := texts[name]; !known || text == "" || text == name || strings.TrimSpace(text) != text {
				t.Errorf("%s in %s: %q", name, Languages()[language], text)
			}
			if other, twice := seen[text]; twice {
				t.Errorf("%s and %s are both %q", name, other, text)
			}
			seen[text] = name
		}
		if language.System() == "" {
			t.Errorf("the platform has no name in %s", Languages()[language])
		}
	}
	for name := range texts {
		if !slices.Contains(types, name) {
			t.Errorf("a text of %s, which nothing records", name)
		}
	}
	if got := German.Of("user.of.the.future"); got != "user.of.the.future" || Key(got) != "EventTypes.user.of.the.future" {
		t.Errorf("an unknown type is %q", got)
	}
}

func TestBest(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		wishes []string
		want   Language
	}{
		{nil, English},
		{[]string{"", ""}, English},
		{[]string{"de"}, German},
		{[]string{"de-CH-1901"}, German},
		{[]string{"en-GB,de;q=0.5"}, English},
		{[]string{"fr;q=0.9, de;q=0.8, en;q=0.1"}, German},
		{[]string{"fr, ja", "de"}, German}, // the header asks for nothing there is, the person for something else
		{[]string{"en", "de"}, English},
		{[]string{"", "de"}, German},
		{[]string{"", "und"}, English},
		{[]string{"und", "de"}, German},
		{[]string{"*", "de"}, German},
		{[]string{"zu", "xh"}, English},
		{[]string{"\x00;;,,q=", "de"}, German},
		{[]string{strings.Repeat("en,", 1000), "de"}, German},
	} {
		if got := Best(c.wishes...); got != c.want {
			t.Errorf("%.50q: %s, want %s", c.wishes, Languages()[got], Languages()[c.want])
		}
	}
	if got := Languages(); !slices.Equal(got, []string{"en", "de"}) {
		t.Errorf("languages %q", got)
	}
}
