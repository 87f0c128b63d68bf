package policy

import (
	"context"

	tags "golang.org/x/text/language"
)

// MessageLanguage returns the language in which the platform writes to somebody who prefers this one, which may be empty: the
// closest that is allowed, or else the default.
func (s *Service) MessageLanguage(ctx context.Context, tenant, preferred string) (string, error) {
	held, err := s.Language(ctx, tenant)
	if err != nil {
		return "", err
	}
	fallback := held.Policy.GetDefaultLanguage()
	tag := tags.Make(preferred)
	if tag == tags.Und {
		return fallback, nil
	}
	allowed := held.Policy.GetAllowedLanguages()
	if len(allowed) == 0 {
		allowed = s.languages
	}
	choices := make([]tags.Tag, len(allowed))
	for i, l := range allowed {
		choices[i] = tags.Make(l)
	}
	_, index, confidence := tags.NewMatcher(choices).Match(tag)
	if confidence == tags.No {
		return fallback, nil
	}
	return allowed[index], nil
}
