package settingsservice

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/types/known/structpb"

	"github.com/signet-iam/signet/api/call"
	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
	"github.com/signet-iam/signet/command/policy"
)

// GetHostedLoginTranslation returns texts for login pages.
func (s *Service) GetHostedLoginTranslation(
	ctx context.Context, r *settingsv2.GetHostedLoginTranslationRequest,
) (*settingsv2.GetHostedLoginTranslationResponse, error) {
	_, builtIn := r.GetLevel().(*settingsv2.GetHostedLoginTranslationRequest_System)
	found, err := s.policies.ReadTranslation(ctx, call.From(ctx).Caller, policy.ReadTranslation{
		Organization: r.GetOrganizationId(), Locale: r.GetLocale(), OwnOnly: r.GetIgnoreInheritance(), BuiltIn: builtIn,
	})
	if err != nil {
		return nil, err
	}
	answer := &settingsv2.GetHostedLoginTranslationResponse{Etag: found.ETag, Translations: &structpb.Struct{}}
	if err := answer.GetTranslations().UnmarshalJSON(found.Texts); err != nil {
		return nil, fmt.Errorf("settingsservice: translations: %w", err)
	}
	return answer, nil
}
