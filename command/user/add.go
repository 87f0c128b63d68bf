package user

import (
	"context"
	"fmt"
	"strings"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
)

// AddHuman adds a person.
type AddHuman struct {
	UserID             string // made up if empty
	Organization       string // the caller's own if empty
	OrganizationDomain string // instead of Organization

	Username *string // nil: the email address
	Profile  Profile
	Email    EmailChange
	// WithoutEmail allows a person without an address, who then needs a Username.
	WithoutEmail bool
	Phone        *PhoneChange // nil or empty: none
	Password     *NewPassword
	Metadata     []MetadataEntry
	Links        []ProviderLink
	TOTPSecret   string // base32, of an authenticator app that is in use; empty: none
}

// EmailChange is an address and how it is to be proven.
type EmailChange struct {
	Address      string
	Verification Verification
}

// PhoneChange is a number and how it is to be proven.
type PhoneChange struct {
	Number       string
	Verification Verification
}

// MetadataEntry is something an application keeps with a user.
type MetadataEntry struct {
	Key   string
	Value []byte
}

const (
	maxMetadata      = 100
	maxMetadataValue = 500_000 // bytes
)

// Added is the answer of AddHuman.
type Added struct {
	UserID    string
	Receipt   command.Receipt
	EmailCode string // only if it was asked for with Return
	PhoneCode string
}

// person is an AddHuman that was checked.
type person struct {
	id, organization string
	username         string
	profile          *eventv1.Profile
	email            EmailChange
	phone            PhoneChange // empty number: none
	hash             string
	changeRequired   bool
	seed             []byte // of an authenticator app; nil: none
	metadata         []MetadataEntry
	links            []ProviderLink
}

// AddHuman adds a person under a new id, or under an id whose user was removed. With an id made up here it is two round trips: a
// look at the organization, and the append.
func (s *Service) AddHuman(ctx context.Context, caller *permission.Caller, req AddHuman) (Added, error) {
	g, err := s.guard(opAddHuman, caller, req.UserID)
	if err != nil {
		return Added{}, err
	}
	p, err := s.checkPerson(&req)
	if err != nil {
		return Added{}, err
	}
	if p.organization, err = s.home(ctx, g, req.Organization, req.OrganizationDomain); err != nil {
		return Added{}, err
	}
	if err := s.checkProviders(ctx, caller.Tenant, p.organization, req.Links); err != nil {
		return Added{}, err
	}
	if req.Password != nil {
		if err := s.fits(ctx, *req.Password, caller.Tenant, p.organization); err != nil {
			return Added{}, err
		}
		if p.hash, err = s.hash(ctx, *req.Password); err != nil {
			return Added{}, err
		}
		p.changeRequired = req.Password.ChangeRequired
	}
	call := command.CallBy[State](caller, p.id)
	if call.Fresh = p.id == ""; call.Fresh {
		call.ID = s.rt.NewID().String()
	}
	out := Added{UserID: call.ID}
	call.Decide = func(ctx context.Context, snap *command.Snapshot[State]) (command.Decision, error) {
		if err := vacant(&snap.State, p.organization); err != nil {
			return command.Decision{}, err
		}
		return s.addPerson(ctx, streamOf(caller, call.ID), p, &out)
	}
	out.Receipt, _, err = s.users.Execute(ctx, call)
	if err != nil {
		return Added{}, taken(err)
	}
	return out, nil
}

// checkPerson validates a request and brings it into its kept form.
func (s *Service) checkPerson(req *AddHuman) (*person, error) {
	var err error
	p := &person{id: req.UserID, email: req.Email, metadata: req.Metadata, links: req.Links}
	if err := checkNewID(p.id); err != nil {
		return nil, err
	}
	if err := req.Profile.check(); err != nil {
		return nil, err
	}
	p.profile = req.Profile.on(nil)
	if !req.WithoutEmail || p.email.Address != "" {
		if p.email.Address, err = parseEmail(req.Email.Address); err != nil {
			return nil, err
		}
	}
	if p.username, err = parseUsername(or(req.Username, p.email.Address)); err != nil {
		return nil, err
	}
	if req.Phone != nil && req.Phone.Number != "" {
		p.phone = *req.Phone
		if p.phone.Number, err = parsePhone(req.Phone.Number); err != nil {
			return nil, err
		}
	}
	for _, v := range []Verification{p.email.Verification, p.phone.Verification} {
		if err := checkVerification(v); err != nil {
			return nil, err
		}
	}
	if err := checkMetadata(req.Metadata); err != nil {
		return nil, err
	}
	if err := checkLinks(req.Links); err != nil {
		return nil, err
	}
	if p.seed, err = parseTOTPSecret(req.TOTPSecret); err != nil {
		return nil, err
	}
	if req.Password != nil {
		next := *req.Password
		req.Password = &next
		return p, next.check()
	}
	return p, nil
}

func checkNewID(id string) error {
	if id != "" && (!command.ValidID(id) || id == permission.SystemID) {
		return ErrInvalidID
	}
	return nil
}

func checkMetadata(entries []MetadataEntry) error {
	if len(entries) > maxMetadata {
		return ErrMetadataTooLarge
	}
	seen := make(map[string]struct{}, len(entries))
	for _, e := range entries {
		_, twice := seen[e.Key]
		switch {
		case strings.TrimSpace(e.Key) == "":
			return ErrMetadataKeyEmpty
		case twice || !printable(e.Key, maxName):
			return ErrMetadataKey
		case len(e.Value) == 0:
			return ErrMetadataValue
		case len(e.Value) > maxMetadataValue:
			return ErrMetadataTooLarge
		}
		seen[e.Key] = struct{}{}
	}
	return nil
}

// home returns the organization a new user is to live in, if the caller may add users there.
func (s *Service) home(ctx context.Context, g guard, organization, domain string) (string, error) {
	if domain != "" {
		holder, found, err := s.organizations.WithDomain(ctx, g.caller.Tenant, domain)
		if err != nil {
			return "", fmt.Errorf("user: look for an organization: %w", err)
		}
		if !found {
			// Only who may see all of them learns that none holds it.
			if err := g.check(""); err != nil {
				return "", err
			}
			return "", ErrOrganizationNotFound
		}
		organization = holder
	}
	if organization == "" {
		organization = g.caller.Organization
	}
	if err := g.check(organization); err != nil {
		return "", err
	}
	return organization, s.open(ctx, g.caller.Tenant, organization)
}

// open refuses an organization that takes nobody in.
func (s *Service) open(ctx context.Context, tenant, organization string) error {
	active, err := s.organizations.Active(ctx, tenant, organization)
	if err != nil {
		return fmt.Errorf("user: look for an organization: %w", err)
	}
	if active {
		return nil
	}
	exists, err := s.organizations.Exists(ctx, tenant, organization)
	switch {
	case err != nil:
		return fmt.Errorf("user: look for an organization: %w", err)
	case exists:
		return ErrOrganizationInactive
	default:
		return ErrOrganizationNotFound
	}
}

// vacant refuses an id that somebody has, or had in another organization: the id's history belongs to that one.
func vacant(s *State, organization string) error {
	if s.Exists() || s.Lifecycle == Removed && s.Organization != organization {
		return ErrIDTaken
	}
	return nil
}

func (s *Service) addPerson(ctx context.Context, user eventstore.StreamID, p *person, out *Added) (command.Decision, error) {
	d := command.Decision{Owner: p.organization, Subject: user.ID, Events: make([]command.Event, 0, 4+len(p.metadata))}
	claim, err := s.usernameClaim(ctx, user.Tenant, p.username)
	if err != nil {
		return d, err
	}
	d.Claims = append(d.Claims, claim)
	s.record(&d, &eventv1.UserHumanAdded{
		OrganizationId: p.organization, Username: p.username, Profile: p.profile, Email: p.email.Address, Phone: p.phone.Number,
	})
	if p.email.Address != "" {
		out.EmailCode, err = s.begin(ctx, &d, user, provingEmail(p.email.Address, p.email.Verification))
		if err != nil {
			return d, err
		}
	}
	if p.phone.Number != "" {
		out.PhoneCode, err = s.begin(ctx, &d, user, provingPhone(p.phone.Number, p.phone.Verification))
		if err != nil {
			return d, err
		}
	}
	if p.hash != "" {
		s.record(&d, &eventv1.UserPasswordChanged{Hash: p.hash, ChangeRequired: p.changeRequired})
	}
	for _, m := range p.metadata {
		s.record(&d, &eventv1.UserMetadataSet{Key: m.Key, Value: m.Value})
	}
	for _, l := range p.links {
		if err := s.link(ctx, &d, user.Tenant, l); err != nil {
			return d, err
		}
	}
	if p.seed != nil {
		id := s.rt.NewID().String()
		s.record(&d, &eventv1.UserTOTPAdded{TotpId: id, Seed: p.seed})
		s.record(&d, &eventv1.UserTOTPVerified{TotpId: id})
	}
	return d, nil
}
