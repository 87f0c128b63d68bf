package policy

import (
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
)

// Limits of policies.
const (
	maxOrganizationID = command.MaxID - len(ofOrganization)

	maxMinLength = 128
	maxDays      = 3650
	maxAttempts  = 1000
	maxLifetime  = 10 * 365 * 24 * time.Hour
	maxURL       = 2048
	maxEmail     = 320
	maxText      = 200 // characters
	maxOrigins   = 100
)

// check refuses a policy that cannot be.
func (s *Service) check(organization string, policy proto.Message) error {
	if err := checkOrganization(organization); err != nil {
		return err
	}
	switch p := policy.(type) {
	case *PasswordComplexity:
		return either(p.GetMinLength() >= 1 && p.GetMinLength() <= maxMinLength, ErrMinLength)
	case *PasswordAge:
		return either(p.GetMaxAgeDays() <= maxDays && p.GetWarnDays() <= maxDays &&
			(p.GetMaxAgeDays() == 0 || p.GetWarnDays() <= p.GetMaxAgeDays()), ErrDays)
	case *Lockout:
		return either(p.GetPasswordAttempts() <= maxAttempts && p.GetOtpAttempts() <= maxAttempts, ErrAttempts)
	case *Login:
		return checkLogin(p)
	case *Privacy:
		return checkPrivacy(p)
	case *Branding:
		return checkBranding(p)
	case *Language:
		return s.checkLanguage(p)
	case *Security:
		return checkOrigins(p.GetAllowedOrigins())
	}
	return nil
}

func either(good bool, refusal error) error {
	if good {
		return nil
	}
	return refusal
}

// checkOrganization refuses ids that no stream of policies can be named by.
func checkOrganization(id string) error {
	return either(id == "" || command.ValidID(id) && len(id) <= maxOrganizationID, ErrOrganizationID)
}

func checkLogin(p *Login) error {
	for _, life := range []*durationpb.Duration{
		p.GetPasswordCheckLifetime(), p.GetExternalLoginCheckLifetime(), p.GetMfaInitSkipLifetime(),
		p.GetSecondFactorCheckLifetime(), p.GetMultiFactorCheckLifetime(),
	} {
		if d := life.AsDuration(); life != nil && (!life.IsValid() || d < 0 || d > maxLifetime) {
			return ErrLifetime
		}
	}
	for i, f := range p.GetSecondFactors() {
		if !slices.Contains(factors(), f) || slices.Contains(p.GetSecondFactors()[:i], f) {
			return ErrFactors
		}
	}
	if (p.GetForceMfa() || p.GetForceMfaLocalOnly()) && len(p.GetSecondFactors()) == 0 && (!p.GetPasskey() || !p.GetPasskeyAsMultiFactor()) {
		return ErrNoFactor
	}
	if !p.GetPassword() && !p.GetPasskey() && !p.GetExternalProvider() {
		return ErrNobody
	}
	return checkURL(p.GetDefaultRedirectUri())
}

func checkPrivacy(p *Privacy) error {
	if err := checkURL(p.GetTosLink(), p.GetPrivacyLink(), p.GetHelpLink(), p.GetDocsLink(), p.GetCustomLink()); err != nil {
		return err
	}
	if address := p.GetSupportEmail(); address != "" {
		parsed, err := mail.ParseAddress(address)
		if err != nil || parsed.Address != address || len(address) > maxEmail {
			return ErrEmail
		}
	}
	text := p.GetCustomLinkText()
	return either(utf8.ValidString(text) && utf8.RuneCountInString(text) <= maxText && !strings.ContainsFunc(text, unicode.IsControl), ErrText)
}

func checkBranding(p *Branding) error {
	if _, known := eventv1.BrandingThemeMode_name[int32(p.GetThemeMode())]; !known {
		return ErrThemeMode
	}
	for _, theme := range []*eventv1.BrandingTheme{p.GetLight(), p.GetDark()} {
		for _, c := range []string{theme.GetPrimaryColor(), theme.GetBackgroundColor(), theme.GetWarnColor(), theme.GetFontColor()} {
			if !isColor(c) {
				return ErrColor
			}
		}
		if err := checkURL(theme.GetLogoUrl(), theme.GetIconUrl()); err != nil {
			return err
		}
	}
	return checkURL(p.GetFontUrl())
}

// isColor reports whether a text is empty, #RGB or #RRGGBB.
func isColor(text string) bool {
	digits, ok := strings.CutPrefix(text, "#")
	return text == "" || ok && (len(digits) == 3 || len(digits) == 6) && strings.Trim(digits, "0123456789abcdefABCDEF") == ""
}

func (s *Service) checkLanguage(p *Language) error {
	for i, l := range p.GetAllowedLanguages() {
		if !slices.Contains(s.languages, l) || slices.Contains(p.GetAllowedLanguages()[:i], l) {
			return ErrLanguage
		}
	}
	allowed := p.GetAllowedLanguages()
	if len(allowed) == 0 {
		allowed = s.languages
	}
	return either(slices.Contains(allowed, p.GetDefaultLanguage()), ErrLanguage)
}

// checkURL refuses what is neither empty nor an absolute http or https URL.
func checkURL(urls ...string) error {
	for _, text := range urls {
		if text == "" {
			continue
		}
		u, err := url.Parse(text)
		if err != nil || len(text) > maxURL || !web(u) || u.User != nil || !utf8.ValidString(text) {
			return ErrURL
		}
	}
	return nil
}

func checkOrigins(origins []string) error {
	if len(origins) > maxOrigins {
		return ErrOrigins
	}
	for _, text := range origins {
		u, err := url.Parse(text)
		if err != nil || len(text) > maxURL || !web(u) || text != u.Scheme+"://"+u.Host {
			return ErrOrigins
		}
	}
	return nil
}

func web(u *url.URL) bool { return (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" }
