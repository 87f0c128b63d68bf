package settingsservice

import (
	"context"
	"fmt"

	"github.com/signet-iam/signet/api/call"
	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
	"github.com/signet-iam/signet/command/policy"
)

// SetHostedLoginTranslation replaces texts for login pages.
func (s *Service) SetHostedLoginTranslation(
	ctx context.Context, r *settingsv2.SetHostedLoginTranslationRequest,
) (*settingsv2.SetHostedLoginTranslationResponse, error) {
	ctx, caller := call.Command(ctx)
	req := policy.SetTranslation{Organization: r.GetOrganizationId(), Locale: r.GetLocale()}
	if r.GetTranslations() != nil {
		texts, err := r.GetTranslations().MarshalJSON()
		if err != nil {
			return nil, fmt.Errorf("settingsservice: translations: %w", err)
		}
		req.Translations = texts
	}
	etag, receipt, err := s.policies.SetTranslation(ctx, caller, req)
	if err != nil {
		return nil, err
	}
	call.From(ctx).Reflect(receipt.Position)
	return &settingsv2.SetHostedLoginTranslationResponse{Etag: etag}, nil
}
