package policy

import "github.com/signet-iam/signet/eventstore/failure"

// Refusals.
var (
	ErrOrganizationNotFound = failure.New(failure.NotFound, "ORGANIZATION_NOT_FOUND", "the organization does not exist")
	ErrInstanceOnly         = failure.New(failure.InvalidArgument, "POLICY_OF_INSTANCE_ONLY", "organizations cannot have settings of this kind")
	ErrKind                 = failure.New(failure.InvalidArgument, "POLICY_KIND_INVALID", "there are no settings of this kind")
	ErrOrganizationID       = failure.Newf(failure.InvalidArgument, "ORGANIZATION_ID_INVALID", "the id of an organization has 1 to %d bytes and no control characters", maxOrganizationID)
)

// Refusals of a policy that cannot be.
var (
	ErrMinLength   = failure.Newf(failure.InvalidArgument, "POLICY_MIN_LENGTH_INVALID", "a password has at least 1 to %d characters", maxMinLength)
	ErrDays        = failure.Newf(failure.InvalidArgument, "POLICY_DAYS_INVALID", "a password lasts at most %d days, and the warning is not longer than that", maxDays)
	ErrAttempts    = failure.Newf(failure.InvalidArgument, "POLICY_ATTEMPTS_INVALID", "a lock is off at 0, and comes after at most %d attempts", maxAttempts)
	ErrLifetime    = failure.New(failure.InvalidArgument, "POLICY_LIFETIME_INVALID", "a lifetime is from nothing to ten years")
	ErrFactors     = failure.New(failure.InvalidArgument, "POLICY_FACTORS_INVALID", "a second factor is unknown or comes twice")
	ErrNobody      = failure.New(failure.InvalidArgument, "POLICY_FACTORS_MISSING", "passwords, passkeys and identity providers are all off: nobody could sign in")
	ErrNoFactor    = failure.New(failure.InvalidArgument, "POLICY_FACTORS_MISSING", "second factors are forced, and none is allowed")
	ErrURL         = failure.Newf(failure.InvalidArgument, "POLICY_URL_INVALID", "a link is empty or an absolute http or https URL of at most %d bytes", maxURL)
	ErrEmail       = failure.New(failure.InvalidArgument, "POLICY_EMAIL_INVALID", "the support address is empty or one email address")
	ErrText        = failure.Newf(failure.InvalidArgument, "POLICY_TEXT_INVALID", "a text has at most %d characters and no control characters", maxText)
	ErrColor       = failure.New(failure.InvalidArgument, "POLICY_COLOR_INVALID", "a colour is empty, #RGB or #RRGGBB")
	ErrThemeMode   = failure.New(failure.InvalidArgument, "POLICY_THEME_MODE_INVALID", "the theme mode is unknown")
	ErrLanguage    = failure.New(failure.InvalidArgument, "POLICY_LANGUAGE_INVALID", "a language is not supported or comes twice, or the default is not allowed")
	ErrOrigins     = failure.Newf(failure.InvalidArgument, "POLICY_ORIGINS_INVALID", "an origin is scheme and host of an http or https URL; there are at most %d", maxOrigins)
	ErrLocale      = failure.New(failure.InvalidArgument, "POLICY_LOCALE_INVALID", "a locale is a well-formed language tag")
	ErrTranslation = failure.Newf(failure.InvalidArgument, "POLICY_TRANSLATION_INVALID", "translations are a JSON object of at most %d bytes", maxTranslation)
	ErrLocales     = failure.Newf(failure.FailedPrecondition, "POLICY_TOO_MANY_LOCALES", "there are translations for at most %d locales", maxLocales)
)
