package notification

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/eventstore/vault"
	"github.com/signet-iam/signet/notification/channel"
	"github.com/signet-iam/signet/notification/template"
)

// Reasons of delivery.abandoned.
const (
	reasonExpired     = "expired"      // the code's life ended first
	reasonSuperseded  = "superseded"   // a later event made the code void
	reasonUserRemoved = "user_removed" // the user is gone
	reasonErased      = "erased"       // the user's data key is gone
	reasonNoRecipient = "no_recipient" // the user has no such address
	reasonNoProvider  = "no_provider"  // the channel has no provider
	reasonRefused     = "refused"      // every provider refused for good
)

// verdict is what becomes of a reference: it is done with, or it comes back after a while.
type verdict struct {
	done  bool
	after time.Duration
}

var done = verdict{done: true}

// courier carries one delivery at a time from reference to outcome.
type courier struct {
	channel   channel.Channel
	store     *eventstore.Store
	codec     *codec.Codec
	vault     *vault.Vault
	templates *template.Renderer
	languages Languages
	providers []channel.Provider
	record    *ledger
	timing    Timing
	metrics   *Metrics
	now       func() time.Time
	log       zerolog.Logger
}

func newCourier(cfg Config, ch channel.Channel, record *ledger, log zerolog.Logger) *courier {
	return &courier{
		channel:   ch,
		store:     cfg.Store,
		codec:     cfg.Codec,
		vault:     cfg.Vault,
		templates: cfg.Templates,
		languages: cfg.Languages,
		providers: cfg.Providers[ch],
		record:    record,
		timing:    cfg.Timing,
		metrics:   cfg.Metrics,
		now:       cfg.Now,
		log:       log,
	}
}

// codeEvent is the event behind a reference, understood.
type codeEvent struct {
	event       eventstore.Event
	topic       topic
	channel     channel.Channel
	code        *eventv1.Code
	codeID      string // of codes of which several may be pending
	application string // that an invitation names
}

// parcel is everything that is known about one delivery.
type parcel struct {
	codeEvent
	deliverable eventstore.Deliverable
	delivery    *delivery
	expires     time.Time
	log         zerolog.Logger
}

// deliver handles one reference that JetStream hands out for the nth time.
func (c *courier) deliver(ctx context.Context, ref reference, nth int) verdict {
	log := c.log.With().Stringer("event", ref.Event).Str("tenant", ref.Tenant).Logger()
	if !c.record.take(ref.Event) {
		return verdict{after: c.timing.Backoff(nth)} // a copy of it is in hand
	}
	defer c.record.put(ref.Event)

	v, err := c.attempt(ctx, ref, log)
	if err != nil {
		log.Warn().Err(err).Int("try", nth).Msg("delivery interrupted")
		return verdict{after: c.timing.Backoff(nth)}
	}
	return v
}

// attempt brings a delivery as far as it can be brought now. An error is a fault on our side, never of a provider.
func (c *courier) attempt(ctx context.Context, ref reference, log zerolog.Logger) (verdict, error) {
	p, err := c.load(ctx, ref, log)
	if p == nil || err != nil {
		return done, err
	}
	now := c.now()
	if until := p.delivery.heldUntil(c.record.holder, c.timing.AttemptLease); now.Before(until) {
		return verdict{after: until.Sub(now)}, nil
	}
	if p.delivery.settled {
		return done, c.store.DropDeliverable(ctx, ref.Tenant, ref.Event)
	}
	if !now.Before(p.expires) {
		return done, c.abandon(ctx, p, reasonExpired)
	}
	message, reason, err := c.compose(ctx, p)
	if err != nil {
		return verdict{}, err
	}
	if reason != "" {
		return done, c.abandon(ctx, p, reason)
	}
	return c.offer(ctx, p, message)
}

// load reads event, deliverable and delivery. It returns nil when there is nothing to deliver: the usual end of a
// reference that comes a second time, or out of a replay.
func (c *courier) load(ctx context.Context, ref reference, log zerolog.Logger) (*parcel, error) {
	deliverable, found, err := c.store.Deliverable(ctx, ref.Tenant, ref.Event)
	if err != nil || !found {
		return nil, err
	}
	events, err := c.store.EventsAt(ctx, ref.Position)
	if err != nil {
		return nil, err
	}
	if len(events) == 0 || events[0].ID != ref.Event || events[0].Stream.Tenant != ref.Tenant {
		log.Warn().Msg("reference dropped: the log has another event at its position")
		return nil, nil
	}
	msg, err := c.codec.Decode(ctx, &events[0], codec.Open)
	if err != nil {
		return nil, fmt.Errorf("notification: decode code event: %w", err)
	}
	topic, known := topicOf(events[0].Type)
	code, unfit := codeOf(msg.Proto)
	if topic.notice {
		code, unfit = &eventv1.Code{ExpiresAt: timestamppb.New(deliverable.ExpiresAt)}, nil
	}
	if !known || unfit != nil {
		log.Error().Str("type", events[0].Type).Msg("reference dropped: its event announces no code")
		return nil, nil //nolint:nilerr // dropped: the error says no more than that
	}
	d, err := c.record.load(ctx, ref.Tenant, ref.Event)
	if err != nil {
		return nil, err
	}
	expires := code.ExpiresAt.AsTime()
	if deliverable.ExpiresAt.Before(expires) {
		expires = deliverable.ExpiresAt
	}
	return &parcel{
		codeEvent: codeEvent{
			event: events[0], topic: topic, channel: c.channel, code: code,
			codeID: codeIDOf(msg.Proto), application: applicationOf(msg.Proto),
		},
		deliverable: deliverable,
		delivery:    d,
		expires:     expires,
		log:         log,
	}, nil
}

// compose opens the code and renders the message. A reason says that the message must not leave.
func (c *courier) compose(ctx context.Context, p *parcel) (channel.Message, string, error) {
	var none channel.Message
	user, err := readPerson(ctx, c.store, c.codec, p.codeEvent)
	if err != nil {
		return none, "", err
	}
	p.delivery.owner = user.person.organization
	if user.void != "" {
		return none, user.void, nil
	}
	tenant, userID := p.event.Stream.Tenant, p.event.Stream.ID
	code, err := c.open(ctx, p)
	if errors.Is(err, vault.ErrErased) {
		return none, reasonErased, nil
	}
	if err != nil {
		return none, "", fmt.Errorf("notification: open deliverable: %w", err)
	}
	recipient := user.person.recipient(c.channel)
	switch {
	case recipient == "":
		return none, reasonNoRecipient, nil
	case len(c.providers) == 0:
		return none, reasonNoProvider, nil
	}
	if p.topic.notice {
		code = ""
	}
	language, err := c.language(ctx, tenant, user.person.profile.GetPreferredLanguage())
	if err != nil {
		return none, "", err
	}
	content, err := c.templates.Render(template.Data{
		Kind:           p.topic.kind,
		Channel:        c.channel,
		Language:       language,
		Name:           user.person.profile.GetDisplayName(),
		Application:    p.application,
		Username:       user.person.username,
		UserID:         userID,
		OrganizationID: user.person.organization,
		Code:           code,
		CodeID:         p.codeID,
		ValidFor:       p.expires.Sub(p.event.RecordedAt),
		URLTemplate:    p.code.UrlTemplate,
	})
	if err != nil {
		return none, "", err
	}
	return channel.Message{
		ID: p.event.ID, Tenant: tenant, UserID: userID, Channel: c.channel, Kind: p.topic.kind, Recipient: recipient,
		Subject: content.Subject, Text: content.Text, HTML: content.HTML, Code: code, Language: content.Language,
	}, "", nil
}

// language returns the language to write in to somebody who prefers this one.
func (c *courier) language(ctx context.Context, tenant, preferred string) (string, error) {
	if c.languages == nil {
		return preferred, nil
	}
	chosen, err := c.languages.MessageLanguage(ctx, tenant, preferred)
	if err != nil {
		return "", fmt.Errorf("notification: choose a language: %w", err)
	}
	return chosen, nil
}

// open returns the code. A cached key may be that of an earlier life of the user, who was erased and came back under the
// same id: then the stored one decides.
func (c *courier) open(ctx context.Context, p *parcel) (string, error) {
	tenant, subject := p.event.Stream.Tenant, p.deliverable.Subject
	for fresh := false; ; fresh = true {
		key, err := c.vault.Key(ctx, tenant, subject)
		if err != nil {
			return "", err
		}
		code, err := key.Open([]byte("deliverable:"+p.event.ID.String()), p.deliverable.Sealed)
		if err == nil || fresh {
			return string(code), err
		}
		c.vault.Forget(tenant, subject)
	}
}

// offer asks the providers in order until one takes the message.
func (c *courier) offer(ctx context.Context, p *parcel, m channel.Message) (verdict, error) {
	var askedToWait time.Duration
	round := int(p.delivery.attempts)/len(c.providers) + 1
	for _, provider := range c.providers {
		if p.delivery.refused[provider.Name()] {
			continue
		}
		m.Repeat = p.delivery.repeats()
		if err := c.record.begin(ctx, p.delivery, c.channel, provider.Name()); err != nil {
			if errors.Is(err, errOvertaken) {
				return verdict{after: c.timing.Backoff(1)}, nil
			}
			return verdict{}, err
		}
		carrierID, err := c.send(ctx, provider, m)
		if err == nil {
			return done, c.sent(ctx, p, &eventv1.DeliverySent{
				Channel: string(c.channel), Provider: provider.Name(), ProviderMessageId: carrierID, Repeat: m.Repeat,
			})
		}
		failure := channel.Classify(err)
		askedToWait = max(askedToWait, failure.RetryAfter)
		if err := c.failed(ctx, p, provider, failure); err != nil {
			return verdict{}, err
		}
	}
	for _, provider := range c.providers {
		if !p.delivery.refused[provider.Name()] {
			return verdict{after: c.retryAfter(p, round, askedToWait)}, nil
		}
	}
	return done, c.abandon(ctx, p, reasonRefused)
}

// send bounds one call of a provider. A panic in one must not take the others' messages with it.
func (c *courier) send(ctx context.Context, provider channel.Provider, m channel.Message) (id string, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.timing.Send)
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			c.log.Error().Str("provider", provider.Name()).Stringer("event", m.ID).Msg("provider panicked")
			err = channel.Uncertain(0, errors.New("panic"))
		}
	}()
	return provider.Send(ctx, m)
}

// retryAfter backs off, but comes back when the code dies, to say so.
func (c *courier) retryAfter(p *parcel, round int, askedToWait time.Duration) time.Duration {
	left := max(p.expires.Sub(c.now()), 0)
	return min(max(c.timing.Backoff(round), askedToWait), left)
}

func (c *courier) sent(ctx context.Context, p *parcel, outcome *eventv1.DeliverySent) error {
	if err := c.persist(ctx, p, outcome); err != nil {
		return err
	}
	c.metrics.count(c.channel, outcome.Provider, "sent")
	c.metrics.delay(c.channel, c.now().Sub(p.event.RecordedAt))
	p.log.Info().Str("provider", outcome.Provider).Bool("repeat", outcome.Repeat).Msg("sent")
	return c.store.DropDeliverable(ctx, p.event.Stream.Tenant, p.event.ID)
}

func (c *courier) failed(ctx context.Context, p *parcel, provider channel.Provider, failure *channel.Error) error {
	c.metrics.count(c.channel, provider.Name(), failure.Class.String())
	// The error's own text names class and status only: what a carrier answers may quote the address.
	p.log.Warn().Str("provider", provider.Name()).Stringer("class", failure.Class).Int("code", failure.Code).Msg("not sent")
	return c.persist(ctx, p, &eventv1.DeliveryFailed{
		Attempt:  p.delivery.attempts,
		Channel:  string(c.channel),
		Provider: provider.Name(),
		Reason:   failure.Class.String(),
	})
}

func (c *courier) abandon(ctx context.Context, p *parcel, reason string) error {
	if p.delivery.owner == "" {
		head, err := c.store.StreamHead(ctx, p.event.Stream)
		if err != nil {
			return err
		}
		p.delivery.owner = head.Owner
	}
	if err := c.persist(ctx, p, &eventv1.DeliveryAbandoned{Reason: reason}); err != nil {
		return err
	}
	c.metrics.count(c.channel, "", "abandoned")
	p.log.Info().Str("reason", reason).Msg("abandoned")
	return c.store.DropDeliverable(ctx, p.event.Stream.Tenant, p.event.ID)
}

// persist records an outcome and does not give up while ctx lives: what is not recorded now would be sent again.
func (c *courier) persist(ctx context.Context, p *parcel, outcome proto.Message) error {
	for n := 1; ; n++ {
		err := c.record.settle(ctx, p.delivery, outcome)
		if err == nil || !errors.Is(err, eventstore.ErrUnavailable) {
			return err
		}
		p.log.Warn().Err(err).Int("try", n).Msg("outcome not recorded yet")
		if !pause(ctx, c.timing.Backoff(n)) {
			return err
		}
	}
}
