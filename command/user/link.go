package user

import (
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
)

const (
	claimLink = "idp-link"
	maxLinks  = 20
)

// Providers tells which identity providers there are.
type Providers interface {
	// Linkable reports whether users of an organization may be linked with their accounts at a provider.
	Linkable(ctx context.Context, tenant, id, organization string) (bool, error)
}

// ProviderLink connects a user with an account at an identity provider.
type ProviderLink struct {
	ProviderID string
	UserID     string // of the account, at the provider
	Username   string
}

func (l *ProviderLink) check() error {
	for _, text := range []string{l.ProviderID, l.UserID} {
		if text == "" || len(text) > command.MaxID || !utf8.ValidString(text) {
			return ErrInvalidLink
		}
	}
	if !printable(l.Username, maxName) || !printable(l.UserID, command.MaxID) {
		return ErrInvalidLink
	}
	return nil
}

// is reports whether both mean the same account.
func (l *ProviderLink) is(other ProviderLink) bool {
	return l.ProviderID == other.ProviderID && l.UserID == other.UserID
}

func checkLinks(links []ProviderLink) error {
	if len(links) > maxLinks {
		return ErrTooManyLinks
	}
	for i, l := range links {
		if err := l.check(); err != nil {
			return err
		}
		if slices.ContainsFunc(links[:i], l.is) {
			return ErrInvalidLink
		}
	}
	return nil
}

// LinkClaim returns the claim by which the user is found who is linked with an account.
func LinkClaim(ctx context.Context, v Digester, tenant, providerID, externalID string) (eventstore.Claim, error) {
	digest, err := v.Digest(ctx, tenant, claimLink, providerID+"\x00"+externalID)
	if err != nil {
		return eventstore.Claim{}, fmt.Errorf("user: digest of a link: %w", err)
	}
	return eventstore.Claim{Kind: claimLink, Digest: digest}, nil
}

// LinkProvider links a user with an account at an identity provider.
type LinkProvider struct {
	UserID string
	Link   ProviderLink
}

// LinkProvider lets whoever signs in at the provider with this account sign in as the user. An account is linked with one
// user at most.
func (s *Service) LinkProvider(ctx context.Context, caller *permission.Caller, req LinkProvider) (command.Receipt, error) {
	g, err := s.guard(opLinkProvider, caller, req.UserID)
	if err != nil {
		return command.Receipt{}, err
	}
	if err := req.Link.check(); err != nil {
		return command.Receipt{}, err
	}
	return s.change(ctx, g, knownHuman, func(ctx context.Context, state *State, d *command.Decision) error {
		switch {
		case slices.ContainsFunc(state.Links, req.Link.is):
			return ErrLinkTaken
		case len(state.Links) >= maxLinks:
			return ErrTooManyLinks
		}
		if err := s.checkProviders(ctx, caller.Tenant, state.Organization, []ProviderLink{req.Link}); err != nil {
			return err
		}
		return s.link(ctx, d, caller.Tenant, req.Link)
	})
}

// checkProviders refuses links to providers that are not there, or not for users of this organization.
func (s *Service) checkProviders(ctx context.Context, tenant, organization string, links []ProviderLink) error {
	for _, l := range links {
		ok, err := s.providers.Linkable(ctx, tenant, l.ProviderID, organization)
		if err != nil {
			return fmt.Errorf("user: look for a provider: %w", err)
		}
		if !ok {
			return ErrProviderNotFound
		}
	}
	return nil
}

// link adds a link to a decision.
func (s *Service) link(ctx context.Context, d *command.Decision, tenant string, l ProviderLink) error {
	claim, err := LinkClaim(ctx, s.rt.Vault, tenant, l.ProviderID, l.UserID)
	if err != nil {
		return err
	}
	d.Claims = append(d.Claims, claim)
	s.record(d, &eventv1.UserIDPLinked{ProviderId: l.ProviderID, ExternalId: l.UserID, Username: l.Username})
	return nil
}

// UnlinkProvider removes a link.
type UnlinkProvider struct {
	UserID     string
	ProviderID string
	ExternalID string
}

// UnlinkProvider ends a link. The provider may be gone already.
func (s *Service) UnlinkProvider(ctx context.Context, caller *permission.Caller, req UnlinkProvider) (command.Receipt, error) {
	g, err := s.guard(opUnlinkProvider, caller, req.UserID)
	if err != nil {
		return command.Receipt{}, err
	}
	gone := ProviderLink{ProviderID: req.ProviderID, UserID: req.ExternalID}
	return s.change(ctx, g, linked, func(ctx context.Context, state *State, d *command.Decision) error {
		if !slices.ContainsFunc(state.Links, gone.is) {
			return ErrLinkNotFound
		}
		claim, err := LinkClaim(ctx, s.rt.Vault, caller.Tenant, gone.ProviderID, gone.UserID)
		if err != nil {
			return err
		}
		d.Releases = append(d.Releases, claim)
		s.record(d, &eventv1.UserIDPUnlinked{ProviderId: gone.ProviderID, ExternalId: gone.UserID})
		return nil
	})
}

// releaseLinks frees the accounts a user is linked with, for one who is removed.
func (s *Service) releaseLinks(ctx context.Context, d *command.Decision, tenant string, links []ProviderLink) error {
	for _, l := range links {
		// The account of somebody whose data key is gone is unknown, and its claim went with the key.
		if l.UserID == "" {
			continue
		}
		claim, err := LinkClaim(ctx, s.rt.Vault, tenant, l.ProviderID, l.UserID)
		if err != nil {
			return err
		}
		d.Releases = append(d.Releases, claim)
	}
	return nil
}

var linked = target{absent: ErrLinkNotFound, machine: true}
