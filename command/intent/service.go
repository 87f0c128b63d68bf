package intent

import (
	"context"
	"fmt"
	"time"

	"github.com/rs/zerolog"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/federation"
	"github.com/signet-iam/signet/command/provider"
	"github.com/signet-iam/signet/command/user"
)

const (
	startLife   = 10 * time.Minute
	outcomeLife = time.Hour
)

// Dependencies of a Service. All fields but Logger are needed.
type Dependencies struct {
	Runtime   command.Runtime
	Intents   *command.Executor[State]
	Providers *provider.Service
	Redirects *Redirects
	Tenant    string         // whose callbacks are taken
	Logger    zerolog.Logger // is told why sign-ins fail at a provider
}

// Service runs the commands on intents. It is safe for concurrent use.
type Service struct {
	rt        command.Runtime
	intents   *command.Executor[State]
	providers *provider.Service
	redirects *Redirects
	tenant    string
	log       zerolog.Logger
}

// New returns a service.
func New(d Dependencies) *Service {
	return &Service{
		rt: d.Runtime, intents: d.Intents, providers: d.Providers, redirects: d.Redirects, tenant: d.Tenant, log: d.Logger,
	}
}

// stored takes over what a provider said.
func stored(who federation.Identity) (*eventv1.IntentInformation, *eventv1.IntentCredentials) {
	information := &eventv1.IntentInformation{
		ExternalId: who.ExternalID, Username: who.Username,
		GivenName: who.GivenName, FamilyName: who.FamilyName, NickName: who.NickName, DisplayName: who.DisplayName,
		Email: who.Email, EmailVerified: who.EmailVerified, Phone: who.Phone, PhoneVerified: who.PhoneVerified,
		Language: who.Language, AvatarUrl: who.AvatarURL, ProfileUrl: who.ProfileURL, Raw: who.Raw,
		Attributes: attributes(who.Attributes),
	}
	return information, &eventv1.IntentCredentials{
		AccessToken: who.AccessToken, IdToken: who.IDToken, RefreshToken: who.RefreshToken, Assertion: who.Assertion,
	}
}

// linked returns the user who is linked with an account, empty if nobody is.
func (s *Service) linked(ctx context.Context, tenant, providerID, externalID string) (string, error) {
	claim, err := user.LinkClaim(ctx, s.rt.Vault, tenant, providerID, externalID)
	if err != nil {
		return "", err
	}
	holder, held, err := s.rt.Store.ClaimHolder(ctx, tenant, claim)
	if err != nil {
		return "", command.Refusal(fmt.Errorf("intent: look for a link: %w", err))
	}
	if !held || holder.Kind != user.Kind {
		return "", nil
	}
	return holder.ID, nil
}

// succeed returns the event that an identity is known, and the token for it.
func (s *Service) succeed(ctx context.Context, tenant, id string, who federation.Identity) (proto.Message, string, error) {
	token, err := s.draw(tokenBytes)
	if err != nil {
		return nil, "", err
	}
	digest, err := s.digest(ctx, tenant, tokenSecret, id, token)
	if err != nil {
		return nil, "", err
	}
	information, credentials := stored(who)
	return &eventv1.IntentSucceeded{
		TokenDigest: digest, Information: information, Credentials: credentials, ExpiresAt: s.outcomeEnd(who),
	}, token, nil
}
