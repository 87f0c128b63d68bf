package authservice

import (
	"context"

	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/policy"
)

// GetMyLabelPolicy returns how pages look to the caller.
func (s *Service) GetMyLabelPolicy(
	ctx context.Context, _ *authv1.GetMyLabelPolicyRequest,
) (*authv1.GetMyLabelPolicyResponse, error) {
	found, details, err := effective[*policy.Branding](ctx, s)
	if err != nil {
		return nil, err
	}
	p, light, dark := found.Policy, found.Policy.GetLight(), found.Policy.GetDark()
	return &authv1.GetMyLabelPolicyResponse{Policy: &authv1.LabelPolicy{
		Details: details, IsDefault: found.Organization == "",
		PrimaryColor: light.GetPrimaryColor(), PrimaryColorDark: dark.GetPrimaryColor(),
		BackgroundColor: light.GetBackgroundColor(), BackgroundColorDark: dark.GetBackgroundColor(),
		WarnColor: light.GetWarnColor(), WarnColorDark: dark.GetWarnColor(),
		FontColor: light.GetFontColor(), FontColorDark: dark.GetFontColor(),
		LogoUrl: light.GetLogoUrl(), LogoUrlDark: dark.GetLogoUrl(),
		IconUrl: light.GetIconUrl(), IconUrlDark: dark.GetIconUrl(),
		FontUrl: p.GetFontUrl(), ThemeMode: themeMode(p.GetThemeMode()),
		HideLoginNameSuffix: p.GetHideLoginNameSuffix(), DisableWatermark: p.GetDisableWatermark(),
	}}, nil
}

func themeMode(m eventv1.BrandingThemeMode) authv1.ThemeMode {
	switch m {
	case eventv1.BrandingThemeMode_BRANDING_THEME_MODE_AUTO:
		return authv1.ThemeMode_THEME_MODE_AUTO
	case eventv1.BrandingThemeMode_BRANDING_THEME_MODE_LIGHT:
		return authv1.ThemeMode_THEME_MODE_LIGHT
	case eventv1.BrandingThemeMode_BRANDING_THEME_MODE_DARK:
		return authv1.ThemeMode_THEME_MODE_DARK
	}
	return authv1.ThemeMode_THEME_MODE_UNSPECIFIED
}
