package template

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// segment is how many GSM characters one SMS takes (3GPP TS 23.038, 140 octets of 7 bits).
const segment = 160

// The GSM 7-bit default alphabet without its control characters, and its extension, whose characters count twice.
const (
	gsmBasic = "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà\n\r"
	gsmExtended = "^{}\\[~]|€"
)

// septets returns the length of a text in GSM characters. A text beyond the alphabet is sent in UCS-2, of which one SMS
// takes 70 units; its length is scaled, so that more than segment always means more than one SMS.
func septets(text string) int {
	n, units := 0, 0
	plain := true
	for _, r := range text {
		switch {
		case strings.ContainsRune(gsmBasic, r):
			n++
		case strings.ContainsRune(gsmExtended, r):
			n += 2
		default:
			plain = false
		}
		units += max(utf16.RuneLen(r), 1)
	}
	if plain {
		return n
	}
	return (units*segment + 69) / 70
}

// printable reports whether a text can stand in a header or a sentence.
func printable(text string) bool {
	if !utf8.ValidString(text) {
		return false
	}
	for _, r := range text {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

// greetable returns the name if a greeting may use it, "" otherwise.
func greetable(name string) string {
	name = strings.TrimSpace(name)
	lower := strings.ToLower(name)
	if utf8.RuneCountInString(name) > 64 || !printable(name) || strings.ContainsAny(name, "/\\@<>") ||
		strings.Contains(lower, "www.") || domainLike(lower) {
		return ""
	}
	return name
}

// identifying returns the username if a message may quote it, "" otherwise. It may be an email address, but no sentence and
// no link with a path.
func identifying(username string) string {
	if utf8.RuneCountInString(username) > 200 || !printable(username) || strings.ContainsAny(username, " /\\") {
		return ""
	}
	return username
}

// domainLike reports whether a word has a dot between letters, as in "example.com"; "J. R. Smith" has not.
func domainLike(name string) bool {
	for word := range strings.FieldsSeq(name) {
		before, after, found := strings.Cut(word, ".")
		for found {
			if before != "" && len(after) >= 2 && unicode.IsLetter(rune(after[0])) && unicode.IsLetter(rune(after[1])) {
				return true
			}
			before, after, found = strings.Cut(after, ".")
		}
	}
	return false
}
