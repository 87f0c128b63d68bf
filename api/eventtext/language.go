package eventtext

import (
	"golang.org/x/text/language"
)

// Language is one of the supported languages. The zero Language is the default.
type Language uint8

// The languages.
const (
	English Language = iota
	German
	languageCount
)

func tags() []language.Tag { return []language.Tag{English: language.English, German: language.German} }

// Languages returns the supported languages as BCP 47 writes them, the default first.
func Languages() []string {
	var names []string
	for _, tag := range tags() {
		names = append(names, tag.String())
	}
	return names
}

// maxWish bounds what is read of a wish, in bytes.
const maxWish = 500

// Best returns the language that fits the first wish that any fits. A wish is a list of languages with weights, as the header
// Accept-Language has it (RFC 9110, section 12.5.4), or the name of one language.
func Best(wishes ...string) Language {
	matcher := language.NewMatcher(tags())
	for _, wish := range wishes {
		if wish == "" || len(wish) > maxWish {
			continue
		}
		wanted, _, err := language.ParseAcceptLanguage(wish)
		if err != nil || len(wanted) == 0 || wanted[0] == language.Und {
			continue
		}
		if _, index, confidence := matcher.Match(wanted...); confidence > language.No {
			return Language(index)
		}
	}
	return English
}
