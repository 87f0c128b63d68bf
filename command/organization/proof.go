package organization

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
)

const (
	proofBytes = 32
	maxFound   = 100 // texts found in one place, of which the token is one

	// So often may be looked for the proof of one domain. What one organization can make the platform ask is bounded by this and by
	// the number of its domains.
	looks      = 20
	lookWindow = time.Hour
)

// ProofRequest asks for something to prove a domain with.
type ProofRequest struct {
	Organization string
	Domain       string
	Where        eventv1.DomainProof
}

// ProofTask says what has to be put where. The token is shown this once.
type ProofTask struct {
	Token   string
	Place   string // the URL of a file, or the name of a TXT record
	Receipt command.Receipt
}

// RequestProof makes a token that verifies a domain once it is found at its place. A token from before is void.
func (s *Service) RequestProof(ctx context.Context, caller *permission.Caller, req ProofRequest) (ProofTask, error) {
	if err := check(opRequestProof, caller, req.Organization); err != nil {
		return ProofTask{}, err
	}
	domain, err := parseDomain(req.Domain)
	if err != nil {
		return ProofTask{}, err
	}
	task := ProofTask{Place: place(req.Where, req.Organization, domain)}
	if task.Place == "" {
		return ProofTask{}, ErrInvalidProof
	}
	if task.Token, err = s.newToken(); err != nil {
		return ProofTask{}, err
	}
	o := order{opRequestProof, caller, req.Organization}
	task.Receipt, err = s.change(ctx, o, func(ctx context.Context, state *State, d *command.Decision) error {
		if err := unproven(state, domain); err != nil {
			return err
		}
		event := s.rt.NewID()
		digest, err := s.proofDigest(ctx, &o, event, task.Token)
		if err != nil {
			return err
		}
		d.Add(event, &eventv1.OrganizationDomainProofSet{Domain: domain, Proof: req.Where, TokenDigest: digest})
		return nil
	})
	if err != nil {
		return ProofTask{}, err
	}
	return task, nil
}

// VerifyDomain looks for the proof of a domain and verifies the domain if it is there.
func (s *Service) VerifyDomain(ctx context.Context, caller *permission.Caller, id, domain string) (command.Receipt, error) {
	if err := check(opVerifyDomain, caller, id); err != nil {
		return command.Receipt{}, err
	}
	domain, err := parseDomain(domain)
	if err != nil {
		return command.Receipt{}, err
	}
	o := order{opVerifyDomain, caller, id}
	found, err := s.look(ctx, &o, domain)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.change(ctx, o, func(ctx context.Context, state *State, d *command.Decision) error {
		if err := unproven(state, domain); err != nil {
			return err
		}
		proof := state.Domains[domain].Proof
		if proof == nil {
			return ErrNoProof
		}
		there, err := s.among(ctx, &o, proof, found)
		if err != nil {
			return err
		}
		if !there {
			return ErrProofNotThere
		}
		return s.verified(ctx, d, caller.Tenant, state, domain)
	})
}

// look returns what is at the place of the proof that was asked for last.
func (s *Service) look(ctx context.Context, o *order, domain string) ([]string, error) {
	snap, err := s.organizations.Load(ctx, o.caller.Tenant, o.id)
	if err != nil {
		return nil, err
	}
	if !snap.State.Exists() {
		return nil, ErrNotFound
	}
	if err := unproven(&snap.State, domain); err != nil {
		return nil, err
	}
	proof := snap.State.Domains[domain].Proof
	if proof == nil {
		return nil, ErrNoProof
	}
	stream := eventstore.StreamID{Tenant: o.caller.Tenant, Kind: Kind, ID: o.id}
	_, err = s.rt.Store.Spend(ctx, eventstore.Attempt{Stream: stream, Secret: "domain:" + domain}, looks, lookWindow)
	if errors.Is(err, eventstore.ErrBudgetSpent) {
		return nil, ErrTooManyLooks.Later(lookWindow)
	}
	if err != nil {
		return nil, command.Refusal(err)
	}
	return s.visit(ctx, proof.Where, place(proof.Where, o.id, domain))
}

func (s *Service) visit(ctx context.Context, where eventv1.DomainProof, place string) (found []string, err error) {
	if where == eventv1.DomainProof_DOMAIN_PROOF_DNS {
		found, err = s.network.LookupTXT(ctx, place)
	} else {
		var file []byte
		file, err = s.network.File(ctx, place)
		found = []string{string(file)}
	}
	if err != nil {
		return nil, ErrProofUnreachable.Because(err)
	}
	return found[:min(len(found), maxFound)], nil
}

// unproven refuses a domain that there is nothing to prove about.
func unproven(state *State, domain string) error {
	switch held, has := state.Domains[domain]; {
	case !has:
		return ErrDomainNotFound
	case held.Verified:
		return ErrDomainVerified
	}
	return nil
}

// place says where the proof that an organization holds a domain has to be; nowhere if the kind of proof is unknown.
func place(where eventv1.DomainProof, id, domain string) string {
	switch where {
	case eventv1.DomainProof_DOMAIN_PROOF_HTTP:
		return "https://" + domain + "/.well-known/signet-challenge/" + url.PathEscape(id) + ".txt"
	case eventv1.DomainProof_DOMAIN_PROOF_DNS:
		return "_signet-challenge." + domain
	}
	return ""
}

// among reports whether the token of a proof is one of the texts.
func (s *Service) among(ctx context.Context, o *order, proof *Proof, texts []string) (bool, error) {
	for _, text := range texts {
		digest, err := s.proofDigest(ctx, o, proof.EventID, strings.TrimSpace(text))
		if err != nil {
			return false, err
		}
		if hmac.Equal(digest, proof.Digest) {
			return true, nil
		}
	}
	return false, nil
}

func (s *Service) newToken() (string, error) {
	var raw [proofBytes]byte
	if _, err := io.ReadFull(s.rt.Random, raw[:]); err != nil {
		return "", fmt.Errorf("organization: read random bytes: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(raw[:]), nil
}

// proofDigest is what the log knows of a token. It is bound to the event, so that a token proves one domain of one organization.
func (s *Service) proofDigest(ctx context.Context, o *order, event uuid.UUID, token string) ([]byte, error) {
	digest, err := s.rt.Vault.Digest(ctx, o.caller.Tenant, claimDomain+":"+o.id+":"+event.String(), token)
	if err != nil {
		return nil, fmt.Errorf("organization: digest of a token: %w", err)
	}
	return digest, nil
}
