package settingsservice

import (
	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
	"github.com/signet-iam/signet/command/policy"
)

// shownBranding writes a branding policy for a reader. The theme modes of events and messages have the same numbers.
func shownBranding(h held[*policy.Branding]) *settingsv2.BrandingSettings {
	p := h.policy
	return &settingsv2.BrandingSettings{
		LightTheme: shownTheme(p.GetLight()), DarkTheme: shownTheme(p.GetDark()), FontUrl: p.GetFontUrl(),
		HideLoginNameSuffix: p.GetHideLoginNameSuffix(), DisableWatermark: p.GetDisableWatermark(),
		ThemeMode: settingsv2.ThemeMode(p.GetThemeMode()), ResourceOwnerType: h.owner,
	}
}

func shownTheme(t *eventv1.BrandingTheme) *settingsv2.Theme {
	return &settingsv2.Theme{
		PrimaryColor: t.GetPrimaryColor(), BackgroundColor: t.GetBackgroundColor(), WarnColor: t.GetWarnColor(),
		FontColor: t.GetFontColor(), LogoUrl: t.GetLogoUrl(), IconUrl: t.GetIconUrl(),
	}
}

// keptBranding reads a branding policy.
func keptBranding(m *settingsv2.BrandingSettings) *policy.Branding {
	return &policy.Branding{
		Light: keptTheme(m.GetLightTheme()), Dark: keptTheme(m.GetDarkTheme()), FontUrl: m.GetFontUrl(),
		HideLoginNameSuffix: m.GetHideLoginNameSuffix(), DisableWatermark: m.GetDisableWatermark(),
		ThemeMode: eventv1.BrandingThemeMode(m.GetThemeMode()),
	}
}

func keptTheme(t *settingsv2.Theme) *eventv1.BrandingTheme {
	return &eventv1.BrandingTheme{
		PrimaryColor: t.GetPrimaryColor(), BackgroundColor: t.GetBackgroundColor(), WarnColor: t.GetWarnColor(),
		FontColor: t.GetFontColor(), LogoUrl: t.GetLogoUrl(), IconUrl: t.GetIconUrl(),
	}
}
