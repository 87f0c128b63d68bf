package apply

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	objectv2 "github.com/signet-iam/signet/api/gen/signet/object/v2"
	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
	"github.com/signet-iam/signet/api/gen/signet/settings/v2/settingsv2connect"
)

type settingsClient = settingsv2connect.SettingsServiceClient

// policyKind is how one kind of policy is read and written. All requests have the same shape: ctx says whose it is and settings what
// it says; those that only the instance has are their own settings.
type policyKind struct {
	request protoreflect.MessageType // that writes it
	kind    settingsv2.SettingsKind  // unspecified: only the instance has it
	get     func(ctx context.Context, c settingsClient, organization string) (proto.Message, error)
	set     func(ctx context.Context, c settingsClient, request proto.Message) error
}

// policyKinds are the policies by the names they have in files.
func policyKinds() map[string]policyKind {
	type c = settingsClient
	const (
		complexity = settingsv2.SettingsKind_SETTINGS_KIND_PASSWORD_COMPLEXITY
		expiry     = settingsv2.SettingsKind_SETTINGS_KIND_PASSWORD_EXPIRY
		legal      = settingsv2.SettingsKind_SETTINGS_KIND_LEGAL_AND_SUPPORT
	)
	return map[string]policyKind{
		"login":               policyOf(c.GetLoginSettings, c.SetLoginSettings, settingsv2.SettingsKind_SETTINGS_KIND_LOGIN),
		"password_complexity": policyOf(c.GetPasswordComplexitySettings, c.SetPasswordComplexitySettings, complexity),
		"password_expiry":     policyOf(c.GetPasswordExpirySettings, c.SetPasswordExpirySettings, expiry),
		"branding":            policyOf(c.GetBrandingSettings, c.SetBrandingSettings, settingsv2.SettingsKind_SETTINGS_KIND_BRANDING),
		"domain":              policyOf(c.GetDomainSettings, c.SetDomainSettings, settingsv2.SettingsKind_SETTINGS_KIND_DOMAIN),
		"legal":               policyOf(c.GetLegalAndSupportSettings, c.SetLegalAndSupportSettings, legal),
		"lockout":             policyOf(c.GetLockoutSettings, c.SetLockoutSettings, settingsv2.SettingsKind_SETTINGS_KIND_LOCKOUT),
		"notification":        policyOf(c.GetNotificationSettings, c.SetNotificationSettings, settingsv2.SettingsKind_SETTINGS_KIND_NOTIFICATION),
		"languages":           policyOf(c.GetGeneralSettings, c.SetGeneralSettings, settingsv2.SettingsKind_SETTINGS_KIND_UNSPECIFIED),
		"security":            policyOf(c.GetSecuritySettings, c.SetSecuritySettings, settingsv2.SettingsKind_SETTINGS_KIND_UNSPECIFIED),
	}
}

// pointer is a message of some type.
type pointer[M any] interface {
	*M
	proto.Message
}

// policyOf makes a kind of its two RPCs.
func policyOf[GQ, GA, SQ, SA any, GQP pointer[GQ], GAP pointer[GA], SQP pointer[SQ]](
	get func(settingsClient, context.Context, *GQ) (*GA, error),
	set func(settingsClient, context.Context, *SQ) (*SA, error),
	kind settingsv2.SettingsKind,
) policyKind {
	return policyKind{
		request: SQP(nil).ProtoReflect().Type(),
		kind:    kind,
		get: func(ctx context.Context, c settingsClient, organization string) (proto.Message, error) {
			request := GQP(new(GQ))
			address(request.ProtoReflect(), organization)
			answer, err := get(c, ctx, (*GQ)(request))
			if err != nil {
				return nil, err
			}
			return settingsOf(GAP(answer).ProtoReflect()).Interface(), nil
		},
		set: func(ctx context.Context, c settingsClient, request proto.Message) error {
			_, err := set(c, ctx, (*SQ)(request.(SQP)))
			return err
		},
	}
}

// address says whose settings a request is about, where it can say so.
func address(request protoreflect.Message, organization string) {
	fd := request.Descriptor().Fields().ByName("ctx")
	if fd == nil {
		return
	}
	of := &objectv2.RequestContext{ResourceOwner: &objectv2.RequestContext_Instance{Instance: true}}
	if organization != "" {
		of.ResourceOwner = &objectv2.RequestContext_OrgId{OrgId: organization}
	}
	request.Set(fd, protoreflect.ValueOfMessage(of.ProtoReflect()))
}

// settingsOf returns the settings in a request or an answer.
func settingsOf(m protoreflect.Message) protoreflect.Message {
	if fd := m.Descriptor().Fields().ByName("settings"); fd != nil {
		return m.Get(fd).Message()
	}
	return m
}

// Fields of settings that say whose they are, or follow from others. Writes ignore them.
const (
	fieldOwner               = "resource_owner_type"
	fieldLocalAuthentication = "allow_local_authentication"
)

func (r *reader) policy(m *mapping) {
	key, t := Key{Kind: Policy, ID: m.id("id"), Organization: m.optionalID("organization")}, m.thing()
	kind, ok := policyKinds()[key.ID]
	settings := m.take("settings")
	switch {
	case key.ID == "":
		return
	case !ok:
		m.wrong("id", "one of %s is expected", strings.Join(slices.Sorted(maps.Keys(policyKinds())), ", "))
		return
	case kind.kind == 0 && key.Organization != "":
		m.wrong("organization", "only the instance has this policy")
	case key.Organization == "" && t.Absent:
		m.wrong(fieldState, "the instance always has this policy")
	case settings == nil && !t.Absent:
		m.missing("settings")
	}
	if settings != nil {
		if its := r.mapping(settings); its != nil {
			its.settings(t, settingsOf(kind.request.New()).Interface(), "ctx", fieldOwner, fieldLocalAuthentication)
			its.end()
		}
	}
	if t.Fields["allowed_languages"] == "[]" {
		m.wrong("settings", "allowed_languages: name those that are allowed")
	}
	if key.Organization != "" {
		t.Needs = []Key{{Kind: Organization, ID: key.Organization}}
	}
	m.add(key, t)
}

// readPolicies returns the policies that are there: all of the instance, and those that an organization has of its own.
func (s *Server) readPolicies(ctx context.Context, keys []Key, into State) error {
	for _, key := range keys {
		if key.Organization != "" && into[Key{Kind: Organization, ID: key.Organization}] == nil {
			continue
		}
		settings, err := policyKinds()[key.ID].get(ctx, s.settings, key.Organization)
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		fields := make(Fields)
		fieldsOf(settings.ProtoReflect(), "", fields)
		if key.Organization == "" || fields[fieldOwner] == "org" {
			into[key] = &Thing{Fields: fields}
		}
	}
	return nil
}

// makePolicy writes the policy that holds with some fields changed: what a file leaves out comes from the instance where the
// organization has none of its own yet.
func (s *Server) makePolicy(ctx context.Context, c Change) error {
	kind := policyKinds()[c.Key.ID]
	if c.Action == Remove {
		_, err := s.settings.ResetSettings(ctx, &settingsv2.ResetSettingsRequest{OrganizationId: c.Key.Organization, Kind: kind.kind})
		return err
	}
	held, err := kind.get(ctx, s.settings, c.Key.Organization)
	if err != nil {
		return err
	}
	fields := make(Fields)
	fieldsOf(held.ProtoReflect(), "", fields)
	maps.Copy(fields, c.to())
	for _, ignored := range []string{fieldOwner, fieldLocalAuthentication} {
		delete(fields, ignored)
	}
	request := kind.request.New()
	settings := request
	if fd := request.Descriptor().Fields().ByName("settings"); fd != nil {
		settings = request.Mutable(fd).Message()
	}
	address(request, c.Key.Organization)
	if err := fill(settings.Interface(), fields); err != nil {
		return connect.NewError(connect.CodeInternal, err)
	}
	return kind.set(ctx, s.settings, request.Interface())
}
