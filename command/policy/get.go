package policy

import (
	"context"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
)

// Effective is the policy that holds. Version, Position and times are zero for one that is built in.
type Effective[T any] struct {
	Policy       T                   // shared: nobody may change it
	Organization string              // that has it of its own; empty: the instance's
	Version      uint64              // of the stream, when it was set
	Position     eventstore.Position // where it was set
	CreatedAt    time.Time           // when the first of its kind was set since there was none
	ChangedAt    time.Time
}

// Get returns the policy that holds for an organization, or for the instance where organization is empty. It is for the
// platform itself and asks for no permission.
func Get[T Policy](ctx context.Context, s *Service, tenant, organization string) (Effective[T], error) {
	var none T
	k, _ := kindOf(none)
	if k.ofInstanceOnly() {
		organization = ""
	}
	for level := organization; ; level = "" {
		own, err := s.recent.Load(ctx, tenant, streamID(level))
		if err != nil {
			return Effective[T]{}, err
		}
		if e, ok := own.State.policies[k]; ok {
			return Effective[T]{
				Policy: e.policy.(T), Organization: level, Version: e.version, Position: e.position,
				CreatedAt: e.createdAt.UTC(), ChangedAt: e.setAt.UTC(),
			}, nil
		}
		if level == "" {
			return Effective[T]{Policy: s.builtin[k].(T)}, nil
		}
	}
}

// Read returns what Get does to a caller who may know it. Error: ErrOrganizationNotFound.
func Read[T Policy](ctx context.Context, s *Service, caller *permission.Caller, organization string) (Effective[T], error) {
	op := opRead
	if k, _ := kindOf(proto.Message(*new(T))); k == security {
		op = opReadSecurity
	}
	g, err := newGuard(op, caller)
	if err != nil {
		return Effective[T]{}, err
	}
	if err := s.admit(ctx, g, organization); err != nil {
		return Effective[T]{}, err
	}
	return Get[T](ctx, s, caller.Tenant, organization)
}

// Login is Get.
func (s *Service) Login(ctx context.Context, tenant, organization string) (Effective[*Login], error) {
	return Get[*Login](ctx, s, tenant, organization)
}

// PasswordComplexity is Get.
func (s *Service) PasswordComplexity(ctx context.Context, tenant, organization string) (Effective[*PasswordComplexity], error) {
	return Get[*PasswordComplexity](ctx, s, tenant, organization)
}

// PasswordAge is Get.
func (s *Service) PasswordAge(ctx context.Context, tenant, organization string) (Effective[*PasswordAge], error) {
	return Get[*PasswordAge](ctx, s, tenant, organization)
}

// Lockout is Get.
func (s *Service) Lockout(ctx context.Context, tenant, organization string) (Effective[*Lockout], error) {
	return Get[*Lockout](ctx, s, tenant, organization)
}

// Notification is Get.
func (s *Service) Notification(ctx context.Context, tenant, organization string) (Effective[*Notification], error) {
	return Get[*Notification](ctx, s, tenant, organization)
}

// Privacy is Get.
func (s *Service) Privacy(ctx context.Context, tenant, organization string) (Effective[*Privacy], error) {
	return Get[*Privacy](ctx, s, tenant, organization)
}

// Branding is Get.
func (s *Service) Branding(ctx context.Context, tenant, organization string) (Effective[*Branding], error) {
	return Get[*Branding](ctx, s, tenant, organization)
}

// Domain is Get.
func (s *Service) Domain(ctx context.Context, tenant, organization string) (Effective[*Domain], error) {
	return Get[*Domain](ctx, s, tenant, organization)
}

// Language is Get of what is the instance's alone.
func (s *Service) Language(ctx context.Context, tenant string) (Effective[*Language], error) {
	return Get[*Language](ctx, s, tenant, "")
}

// Security is Get of what is the instance's alone.
func (s *Service) Security(ctx context.Context, tenant string) (Effective[*Security], error) {
	return Get[*Security](ctx, s, tenant, "")
}
