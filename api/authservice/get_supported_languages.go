package authservice

import (
	"context"

	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"

	"github.com/signet-iam/signet/api/eventtext"
)

// GetSupportedLanguages returns the languages in which this installation speaks to people, the default first.
func (s *Service) GetSupportedLanguages(context.Context, *authv1.GetSupportedLanguagesRequest) (*authv1.GetSupportedLanguagesResponse, error) {
	return &authv1.GetSupportedLanguagesResponse{Languages: eventtext.Languages()}, nil
}
