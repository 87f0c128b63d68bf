package policy

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"

	tags "golang.org/x/text/language"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore/codec"
)

const (
	maxTranslation = 256 << 10
	maxLocale      = 35 // bytes
	maxLocales     = 100
	etagSize       = 16
)

// SetTranslation replaces the texts of a locale that login pages show.
type SetTranslation struct {
	Organization string // empty: the instance's
	Locale       string // BCP 47
	Translations []byte // a JSON object; an empty one takes the texts away
}

// SetTranslation replaces the texts of a locale and returns the etag of what is kept. The same again is no change. Errors:
// ErrLocale, ErrTranslation, ErrLocales, ErrOrganizationNotFound.
func (s *Service) SetTranslation(ctx context.Context, caller *permission.Caller, req SetTranslation) (string, command.Receipt, error) {
	g, err := newGuard(opSetTranslation, caller)
	if err != nil {
		return "", command.Receipt{}, err
	}
	if err := checkOrganization(req.Organization); err != nil {
		return "", command.Receipt{}, err
	}
	locale, err := parseLocale(req.Locale)
	if err != nil {
		return "", command.Receipt{}, err
	}
	texts, err := parseTexts(req.Translations)
	if err != nil {
		return "", command.Receipt{}, err
	}
	if err := s.admit(ctx, g, req.Organization); err != nil {
		return "", command.Receipt{}, err
	}
	kept, err := json.Marshal(texts)
	if err != nil {
		return "", command.Receipt{}, fmt.Errorf("policy: write translations: %w", err)
	}
	event := &eventv1.TranslationPolicySet{Locale: locale, Translations: kept}
	if len(texts) == 0 {
		event.Translations = nil
	}
	receipt, err := s.translate(ctx, g, req.Organization, event)
	return etag(kept), receipt, err
}

func (s *Service) translate(ctx context.Context, g guard, organization string, event *eventv1.TranslationPolicySet) (command.Receipt, error) {
	c := call(g.caller, organization)
	c.Decide = func(_ context.Context, snap *command.Snapshot[State]) (command.Decision, error) {
		d := command.Decision{Owner: organization}
		before, known := snap.State.translations[event.GetLocale()]
		switch {
		case len(event.GetTranslations()) == 0 && !known, known && before.digest == sha256.Sum256(event.GetTranslations()):
			return d, nil
		case !known && len(snap.State.translations) >= maxLocales:
			return d, ErrLocales
		}
		d.Add(s.rt.NewID(), event)
		return d, nil
	}
	receipt, _, err := s.policies.Execute(ctx, c)
	return receipt, err
}

// ReadTranslation asks for the texts of a locale.
type ReadTranslation struct {
	Organization string // empty: the instance's
	Locale       string
	OwnOnly      bool // without what is inherited
	BuiltIn      bool // neither: what the platform brings along, which is nothing, because it has no login pages
}

// Translation is the texts of a locale.
type Translation struct {
	Texts []byte // a JSON object
	ETag  string // 32 hexadecimal digits
}

// ReadTranslation returns the texts of a locale. An organization's stand over the instance's, text by text. Errors: ErrLocale,
// ErrOrganizationNotFound.
func (s *Service) ReadTranslation(ctx context.Context, caller *permission.Caller, req ReadTranslation) (Translation, error) {
	g, err := newGuard(opReadTranslation, caller)
	if err != nil {
		return Translation{}, err
	}
	locale, err := parseLocale(req.Locale)
	if err != nil {
		return Translation{}, err
	}
	if err := s.admit(ctx, g, req.Organization); err != nil {
		return Translation{}, err
	}
	texts := map[string]any{}
	levels := []string{"", req.Organization}
	switch {
	case req.BuiltIn:
		levels = nil
	case req.OwnOnly, req.Organization == "":
		levels = levels[1:]
	}
	for _, level := range levels {
		own, err := s.texts(ctx, caller.Tenant, level, locale)
		if err != nil {
			return Translation{}, err
		}
		texts = over(texts, own)
	}
	out, err := json.Marshal(texts)
	if err != nil {
		return Translation{}, fmt.Errorf("policy: write translations: %w", err)
	}
	return Translation{Texts: out, ETag: etag(out)}, nil
}

// texts reads the texts that an organization or the instance has of its own.
func (s *Service) texts(ctx context.Context, tenant, organization, locale string) (map[string]any, error) {
	own, err := s.recent.Load(ctx, tenant, streamID(organization))
	if err != nil {
		return nil, err
	}
	at, ok := own.State.translations[locale]
	if !ok {
		return map[string]any{}, nil
	}
	events, err := s.rt.Store.EventsAt(ctx, at.position)
	if err != nil {
		return nil, command.Refusal(fmt.Errorf("policy: read translations: %w", err))
	}
	if len(events) != 1 {
		return nil, fmt.Errorf("policy: no translations at position %d", at.position)
	}
	msg, err := s.rt.Codec.Decode(ctx, &events[0], codec.Open)
	if err != nil {
		return nil, fmt.Errorf("policy: read translations: %w", err)
	}
	set, ok := msg.Proto.(*eventv1.TranslationPolicySet)
	if !ok {
		return nil, fmt.Errorf("policy: %s at position %d", events[0].Type, at.position)
	}
	return parseTexts(set.GetTranslations())
}

// over returns texts with others standing over them.
func over(below, above map[string]any) map[string]any {
	out := maps.Clone(below)
	for name, text := range above {
		inner, isObject := text.(map[string]any)
		under, wasObject := out[name].(map[string]any)
		if isObject && wasObject {
			text = over(under, inner)
		}
		out[name] = text
	}
	return out
}

// parseLocale returns a locale in its canonical form.
func parseLocale(text string) (string, error) {
	tag, err := tags.Parse(text)
	if err != nil || len(text) > maxLocale || tag == tags.Und {
		return "", ErrLocale
	}
	return tag.String(), nil
}

// parseTexts reads a JSON object and nothing else.
func parseTexts(raw []byte) (map[string]any, error) {
	if len(raw) > maxTranslation {
		return nil, ErrTranslation
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		return map[string]any{}, nil
	}
	var texts map[string]any
	if err := json.Unmarshal(raw, &texts); err != nil || texts == nil {
		return nil, ErrTranslation
	}
	return texts, nil
}

// etag is the same for the same texts: they are written in the order of their names.
func etag(texts []byte) string {
	sum := sha256.Sum256(texts)
	return hex.EncodeToString(sum[:etagSize])
}
