package organization

import (
	"context"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/policy"
	"github.com/signet-iam/signet/eventstore"
)

const maxName = 200 // characters

// Defaults tells which organization is a tenant's default one; empty while the tenant is not set up.
type Defaults interface {
	DefaultOrganization(ctx context.Context, tenant string) (string, error)
}

// Network looks where only who controls a domain can put something.
type Network interface {
	// File returns what an https URL answers, or its beginning. It must not follow redirects, nor speak to addresses that are not
	// public.
	File(ctx context.Context, url string) ([]byte, error)
	// LookupTXT returns the TXT records of a name.
	LookupTXT(ctx context.Context, name string) ([]string, error)
}

// Policies tells which policies hold for an organization. Package policy has them.
type Policies interface {
	Domain(ctx context.Context, tenant, organization string) (policy.Effective[*policy.Domain], error)
}

// Dependencies of a Service. All fields are needed.
type Dependencies struct {
	Runtime       command.Runtime
	Organizations *command.Executor[State]
	Defaults      Defaults
	Network       Network
	Users         Users
	Members       Members
	Policies      Policies
}

// Service runs the commands on organizations. It is safe for concurrent use.
type Service struct {
	rt            command.Runtime
	organizations *command.Executor[State]
	defaults      Defaults
	network       Network
	users         Users
	members       Members
	policies      Policies
}

// New returns a service.
func New(d Dependencies) *Service {
	return &Service{
		rt: d.Runtime, organizations: d.Organizations, defaults: d.Defaults, network: d.Network, users: d.Users, members: d.Members,
		policies: d.Policies,
	}
}

// order is a command on one organization by somebody.
type order struct {
	op     operation
	caller *permission.Caller
	id     string
}

// decide adds to a decision what is to happen to an organization that exists.
type decide func(ctx context.Context, s *State, d *command.Decision) error

// change runs a command on an organization that exists, by order of a caller who may.
func (s *Service) change(ctx context.Context, o order, decide decide) (command.Receipt, error) {
	if err := check(o.op, o.caller, o.id); err != nil {
		return command.Receipt{}, err
	}
	call := command.CallBy[State](o.caller, o.id)
	call.Decide = func(ctx context.Context, snap *command.Snapshot[State]) (command.Decision, error) {
		var d command.Decision
		if !snap.State.Exists() {
			return d, ErrNotFound
		}
		err := decide(ctx, &snap.State, &d)
		return d, err
	}
	receipt, _, err := s.organizations.Execute(ctx, call)
	if _, taken := errors.AsType[*eventstore.ClaimTakenError](err); taken {
		return receipt, ErrDomainTaken.Because(err)
	}
	return receipt, err
}

// record adds an event to a decision.
func (s *Service) record(d *command.Decision, msg proto.Message) {
	d.Add(s.rt.NewID(), msg)
}

// parseName returns a name without the spaces around it.
func parseName(name string) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" || !printable(name) {
		return "", ErrInvalid
	}
	return name, nil
}

// printable reports whether s has at most maxName characters, none of them a control character.
func printable(s string) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= maxName && !strings.ContainsFunc(s, unicode.IsControl)
}
