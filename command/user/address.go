package user

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

const (
	maxEmail      = 200 // bytes, those of the wire contract; RFC 5321 allows 254
	maxDomain     = 253
	maxLabel      = 63
	maxPhoneInput = 200
	defaultRegion = "CH" // of phone numbers in national form
)

// parseEmail returns an address without the spaces around it. It accepts the dot-atoms of RFC 5322, section 3.2.3, at host
// names, a single label included; case stays as given. Whether mail arrives there only a code can tell.
func parseEmail(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", ErrEmailEmpty
	}
	at := strings.LastIndexByte(s, '@')
	if at < 1 || len(s) > maxEmail || !isLocalPart(s[:at]) || !isDomain(s[at+1:]) {
		return "", ErrEmailInvalid
	}
	return s, nil
}

func isLocalPart(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isAlphanumeric(c) && strings.IndexByte(".!#$%&'*+/=?^_`{|}~-", c) < 0 {
			return false
		}
	}
	return true
}

func isDomain(s string) bool {
	if s == "" || len(s) > maxDomain {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > maxLabel || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if c := label[i]; !isAlphanumeric(c) && c != '-' {
				return false
			}
		}
	}
	return true
}

func isAlphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// parsePhone returns a number in E.164 form.
func parsePhone(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > maxPhoneInput {
		return "", ErrPhoneInvalid
	}
	number, err := phonenumbers.Parse(s, defaultRegion)
	if err != nil {
		return "", ErrPhoneInvalid.Because(err)
	}
	return phonenumbers.Format(number, phonenumbers.E164), nil
}
