package intent

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/federation"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/provider"
	"github.com/signet-iam/signet/eventstore"
)

const (
	// A directory does not know who is guessing at its passwords; this many are let through for a name.
	loginGuesses = 10
	loginWindow  = 10 * time.Minute
	maxLogin     = 200 // bytes of a name or a password
)

// Start begins a sign-in. Exactly one of Browser and Directory is set.
type Start struct {
	ProviderID string
	Browser    *Browser
	Directory  *Login
}

// Browser is a sign-in for which the browser goes to the provider.
type Browser struct {
	SuccessURL string
	FailureURL string
	LoginHint  string
}

// Login is what a person typed in.
type Login struct {
	Username string
	Password string
}

// Begun is the answer of Start. One of URL, Form and Done is set.
type Begun struct {
	ID      string
	Receipt command.Receipt
	URL     string           // to send the browser to
	Form    *federation.Form // to have the browser post
	Done    *Done
}

// Done is a sign-in that is over: the entitlement to its outcome.
type Done struct {
	ID     string
	Token  string
	UserID string // linked with the account; empty if nobody is
}

// Start begins a sign-in at a provider. It is for login pages: every authenticated caller may.
func (s *Service) Start(ctx context.Context, caller *permission.Caller, req Start) (Begun, error) {
	if !caller.Authenticated() {
		return Begun{}, permission.ErrUnauthenticated
	}
	if err := s.check(&req); err != nil {
		return Begun{}, err
	}
	at, err := s.providers.Find(ctx, caller.Tenant, req.ProviderID)
	if err != nil {
		return Begun{}, err
	}
	if !at.Exists() {
		return Begun{}, ErrProviderNotFound
	}
	r := run{tenant: caller.Tenant, actor: caller.UserID, id: s.rt.NewID().String(), provider: at, providerID: req.ProviderID}
	if req.Directory != nil {
		return s.login(ctx, r, *req.Directory)
	}
	return s.redirect(ctx, r, *req.Browser)
}

func (s *Service) check(req *Start) error {
	switch {
	case (req.Browser == nil) == (req.Directory == nil):
		return ErrNoContent
	case req.Directory != nil:
		l := req.Directory
		// A directory takes a bind without a password for one without a name (RFC 4513, 5.1.2).
		if l.Username == "" || l.Password == "" || len(l.Username) > maxLogin || len(l.Password) > maxLogin {
			return ErrLoginInvalid
		}
		return nil
	}
	if err := s.redirects.check(req.Browser.SuccessURL); err != nil {
		return err
	}
	return s.redirects.check(req.Browser.FailureURL)
}

// run is one intent in the making.
type run struct {
	tenant     string
	actor      string
	id         string
	providerID string
	provider   *provider.State
}

// redirect begins a sign-in for which the browser goes to the provider.
func (s *Service) redirect(ctx context.Context, r run, b Browser) (Begun, error) {
	client, err := s.providers.Redirecting(r.providerID, r.provider)
	if err != nil {
		return Begun{}, outage(err)
	}
	secret, err := s.draw(stateBytes)
	if err != nil {
		return Begun{}, err
	}
	digest, err := s.digest(ctx, r.tenant, stateSecret, r.id, secret)
	if err != nil {
		return Begun{}, err
	}
	callback := s.providers.CallbackURL(r.providerID, r.provider.Settings)
	begun, err := client.Begin(ctx, federation.Begin{State: joinState(r.id, secret), CallbackURL: callback, LoginHint: b.LoginHint})
	if err != nil {
		return Begun{}, outage(err)
	}
	receipt, err := s.record(ctx, r, &eventv1.IntentStarted{
		ProviderId: r.providerID, SuccessUrl: b.SuccessURL, FailureUrl: b.FailureURL, CallbackUrl: callback,
		StateDigest: digest, Flow: begun.Flow, ExpiresAt: timestamppb.New(s.rt.Now().Add(startLife)),
	})
	if err != nil {
		return Begun{}, err
	}
	return Begun{ID: r.id, Receipt: receipt, URL: begun.URL, Form: begun.Form}, nil
}

// login signs a person in at a directory, which answers at once.
func (s *Service) login(ctx context.Context, r run, l Login) (Begun, error) {
	directory, err := s.providers.Directory(r.providerID, r.provider)
	if err != nil {
		return Begun{}, outage(err)
	}
	guess, err := s.spendLogin(ctx, r, l.Username)
	if err != nil {
		return Begun{}, err
	}
	started := &eventv1.IntentStarted{ProviderId: r.providerID, ExpiresAt: timestamppb.New(s.rt.Now().Add(startLife))}
	who, err := directory.Authenticate(ctx, l.Username, l.Password)
	if errors.Is(err, federation.ErrDenied) {
		if _, err := s.record(ctx, r, started, &eventv1.IntentFailed{Reason: reasonDenied}); err != nil {
			return Begun{}, err
		}
		return Begun{}, ErrLoginFailed.Because(err)
	}
	if err != nil {
		return Begun{}, outage(err)
	}
	// It is a courtesy: if it fails the window ends the guesses.
	_ = s.rt.Store.Refund(ctx, guess)
	succeeded, token, err := s.succeed(ctx, r.tenant, r.id, who)
	if err != nil {
		return Begun{}, err
	}
	receipt, err := s.record(ctx, r, started, succeeded)
	if err != nil {
		return Begun{}, err
	}
	done := &Done{ID: r.id, Token: token}
	if done.UserID, err = s.linked(ctx, r.tenant, r.providerID, who.ExternalID); err != nil {
		return Begun{}, err
	}
	return Begun{ID: r.id, Receipt: receipt, Done: done}, nil
}

// spendLogin pays for a guess at a password of the directory, before it is made.
func (s *Service) spendLogin(ctx context.Context, r run, username string) (eventstore.Attempt, error) {
	name, err := s.digest(ctx, r.tenant, "intent-login", r.providerID, recognized(username))
	if err != nil {
		return eventstore.Attempt{}, err
	}
	guess := eventstore.Attempt{
		Stream: eventstore.StreamID{Tenant: r.tenant, Kind: provider.Kind, ID: r.providerID}, Secret: "login:" + hex.EncodeToString(name[:16]),
	}
	_, err = s.rt.Store.Spend(ctx, guess, loginGuesses, loginWindow)
	if errors.Is(err, eventstore.ErrBudgetSpent) {
		return guess, ErrLoginThrottled
	}
	return guess, command.Refusal(err)
}

// recognized is a name without what directories overlook when they compare (RFC 4518): case, form, spaces and what is
// invisible. Names that only look alike share their guesses, which does no harm.
func recognized(username string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.IsMark(r) {
			return r
		}
		return -1
	}, strings.ToLower(norm.NFKD.String(username)))
}

// record writes the first events of an intent.
func (s *Service) record(ctx context.Context, r run, events ...proto.Message) (command.Receipt, error) {
	receipt, _, err := s.intents.Execute(ctx, command.Call[State]{
		Tenant: r.tenant, ID: r.id, Fresh: true, Actor: r.actor,
		Decide: func(context.Context, *command.Snapshot[State]) (command.Decision, error) {
			d := command.Decision{Owner: r.provider.Organization, Subject: subject(r.id)}
			for _, e := range events {
				d.Add(s.rt.NewID(), e)
			}
			return d, nil
		},
	})
	if err != nil {
		return receipt, fmt.Errorf("intent: record: %w", err)
	}
	return receipt, nil
}

// outage says what went wrong with a provider to a caller who is not its administrator.
func outage(err error) error {
	switch {
	case errors.Is(err, provider.ErrKind):
		return ErrWrongKind
	case errors.Is(err, federation.ErrUnreachable), errors.Is(err, federation.ErrUntrusted):
		return ErrUnavailable.Because(err)
	case errors.Is(err, federation.ErrConfig), errors.Is(err, federation.ErrBlockedAddress):
		return ErrMisconfigured.Because(err)
	}
	return err
}

// outcomeEnd is when an outcome ends: after an hour, or with the session at the provider.
func (s *Service) outcomeEnd(who federation.Identity) *timestamppb.Timestamp {
	end := s.rt.Now().Add(outcomeLife)
	if !who.ExpiresAt.IsZero() && who.ExpiresAt.Before(end) {
		end = who.ExpiresAt
	}
	return timestamppb.New(end)
}

func attributes(values map[string][]string) []*eventv1.IntentAttribute {
	out := make([]*eventv1.IntentAttribute, 0, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		out = append(out, &eventv1.IntentAttribute{Name: name, Values: values[name]})
	}
	return out
}
