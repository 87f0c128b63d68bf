package organization

import (
	"context"
	"fmt"
	"strings"

	"golang.org/x/net/idna"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/vault"
)

const (
	maxDomains = 100
	maxDomain  = 200 // bytes; DNS has names of up to 253

	// claimDomain is the kind of the claim on a verified domain.
	claimDomain = "org-domain"
)

// AddDomain says that a domain is an organization's own. Where domains need no proof it is verified at once.
func (s *Service) AddDomain(ctx context.Context, caller *permission.Caller, id, domain string) (command.Receipt, error) {
	if err := check(opAddDomain, caller, id); err != nil {
		return command.Receipt{}, err
	}
	domain, err := parseDomain(domain)
	if err != nil {
		return command.Receipt{}, err
	}
	proven, err := s.needsNoProof(ctx, caller.Tenant, id)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.change(ctx, order{opAddDomain, caller, id}, func(ctx context.Context, state *State, d *command.Decision) error {
		if _, has := state.Domains[domain]; has {
			return ErrDomainExists
		}
		if len(state.Domains) >= maxDomains {
			return ErrTooManyDomains
		}
		s.record(d, &eventv1.OrganizationDomainAdded{Domain: domain})
		if !proven {
			return nil
		}
		return s.verified(ctx, d, caller.Tenant, state, domain)
	})
}

// needsNoProof reports whether the organization's word is enough.
func (s *Service) needsNoProof(ctx context.Context, tenant, id string) (bool, error) {
	holds, err := s.policies.Domain(ctx, tenant, id)
	if err != nil {
		return false, fmt.Errorf("organization: domain policy: %w", err)
	}
	return !holds.Policy.GetRequireVerification(), nil
}

// RemoveDomain forgets a domain, which is free for others from then on. The primary one stays.
func (s *Service) RemoveDomain(ctx context.Context, caller *permission.Caller, id, domain string) (command.Receipt, error) {
	if err := check(opRemoveDomain, caller, id); err != nil {
		return command.Receipt{}, err
	}
	domain, err := parseDomain(domain)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.change(ctx, order{opRemoveDomain, caller, id}, func(ctx context.Context, state *State, d *command.Decision) error {
		if _, has := state.Domains[domain]; !has {
			return ErrDomainNotFound
		}
		if state.Primary == domain {
			return ErrDomainPrimary
		}
		s.record(d, &eventv1.OrganizationDomainRemoved{Domain: domain})
		return s.release(ctx, d, caller.Tenant, state, domain)
	})
}

// verified adds to a decision that the organization holds a domain.
func (s *Service) verified(ctx context.Context, d *command.Decision, tenant string, state *State, domain string) error {
	claim, err := domainClaim(ctx, s.rt.Vault, tenant, domain)
	if err != nil {
		return err
	}
	d.Claims = append(d.Claims, claim)
	s.record(d, &eventv1.OrganizationDomainVerified{Domain: domain})
	if state.Primary == "" {
		s.record(d, &eventv1.OrganizationDomainPrimarySet{Domain: domain})
	}
	return nil
}

// release adds to a decision that a domain is free, if the organization holds it.
func (s *Service) release(ctx context.Context, d *command.Decision, tenant string, state *State, domain string) error {
	if !state.Domains[domain].Verified {
		return nil
	}
	claim, err := domainClaim(ctx, s.rt.Vault, tenant, domain)
	if err != nil {
		return err
	}
	d.Releases = append(d.Releases, claim)
	return nil
}

func domainClaim(ctx context.Context, v *vault.Vault, tenant, domain string) (eventstore.Claim, error) {
	digest, err := v.Digest(ctx, tenant, claimDomain, domain)
	if err != nil {
		return eventstore.Claim{}, fmt.Errorf("organization: digest of a domain: %w", err)
	}
	return eventstore.Claim{Kind: claimDomain, Digest: digest}, nil
}

// parseDomain returns the one form of a domain's name, however it is spelled: in ASCII (RFC 5891) and lower case, without the dot
// of the root. Addresses and names of a single label belong to nobody.
func parseDomain(domain string) (string, error) {
	name, err := idna.Lookup.ToASCII(strings.TrimSuffix(strings.TrimSpace(domain), "."))
	if err != nil {
		return "", ErrInvalidDomain.Because(err)
	}
	name = strings.ToLower(name)
	labels := strings.Split(name, ".")
	if len(labels) < 2 || len(name) > maxDomain || !strings.ContainsFunc(labels[len(labels)-1], isLetter) {
		return "", ErrInvalidDomain
	}
	for _, label := range labels {
		if !isLabel(label) {
			return "", ErrInvalidDomain
		}
	}
	return name, nil
}

// isLabel reports whether a label may be part of the name of a host (RFC 1123, section 2.1).
func isLabel(label string) bool {
	if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	return !strings.ContainsFunc(label, func(r rune) bool { return r != '-' && !isLetter(r) && (r < '0' || r > '9') })
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' }
