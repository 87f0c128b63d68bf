package policy

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/password"
	"github.com/signet-iam/signet/command/permission"
)

// Organizations tells which organizations there are.
type Organizations interface {
	Exists(ctx context.Context, tenant, id string) (bool, error)
}

// Dependencies of a Service. All fields are needed but Defaults.
type Dependencies struct {
	Runtime       command.Runtime
	Policies      *command.Executor[State]
	Recent        *command.Recent[State] // of Policies
	Organizations Organizations
	// Languages are those that messages can be in, as BCP 47 tags. The first is the default where nobody set another.
	Languages []string
	Defaults  Defaults
}

// Defaults are what holds where nobody set another, as far as an installation chooses it.
type Defaults struct {
	LockoutAttempts int  // wrong passwords in a row that lock a user; 0 for never
	Register        bool // users may register themselves
}

// Service runs the commands on policies and knows which hold. It is safe for concurrent use.
type Service struct {
	rt            command.Runtime
	policies      *command.Executor[State]
	organizations Organizations
	languages     []string
	builtin       map[kind]proto.Message
	recent        *command.Recent[State]
}

// New returns a service.
func New(d Dependencies) *Service {
	return &Service{
		rt: d.Runtime, policies: d.Policies, organizations: d.Organizations, languages: d.Languages,
		builtin: builtin(d), recent: d.Recent,
	}
}

// builtin returns the policies that hold where nobody set others.
func builtin(d Dependencies) map[kind]proto.Message {
	p := password.DefaultPolicy()
	day := 24 * time.Hour
	return map[kind]proto.Message{
		login: &Login{
			Password: true, Register: d.Defaults.Register, ExternalProvider: true, Passkey: true,
			IgnoreUnknownUsernames: true, DomainDiscovery: true, PasskeyAsMultiFactor: true, SecondFactors: factors(),
			PasswordCheckLifetime: durationpb.New(10 * day), ExternalLoginCheckLifetime: durationpb.New(10 * day),
			MfaInitSkipLifetime: durationpb.New(30 * day), SecondFactorCheckLifetime: durationpb.New(18 * time.Hour),
			MultiFactorCheckLifetime: durationpb.New(12 * time.Hour),
		},
		passwordComplexity: &PasswordComplexity{
			MinLength: uint32(p.MinLength), Uppercase: p.Upper, Lowercase: p.Lower, Number: p.Digit, Symbol: p.Symbol,
		},
		passwordAge:  &PasswordAge{},
		lockout:      &Lockout{PasswordAttempts: uint32(d.Defaults.LockoutAttempts)},
		notification: &Notification{PasswordChange: true},
		privacy:      &Privacy{},
		branding:     &Branding{ThemeMode: eventv1.BrandingThemeMode_BRANDING_THEME_MODE_AUTO},
		domain:       &Domain{RequireVerification: true},
		language:     &Language{DefaultLanguage: d.Languages[0]},
		security:     &Security{},
	}
}

// factors returns every second factor.
func factors() []eventv1.LoginFactor {
	return []eventv1.LoginFactor{
		eventv1.LoginFactor_LOGIN_FACTOR_TOTP, eventv1.LoginFactor_LOGIN_FACTOR_U2F, eventv1.LoginFactor_LOGIN_FACTOR_OTP_EMAIL,
		eventv1.LoginFactor_LOGIN_FACTOR_OTP_SMS, eventv1.LoginFactor_LOGIN_FACTOR_RECOVERY_CODES,
	}
}

// admit refuses callers who may not run a command on an organization's policies, and organizations that are not there. Users are
// not asked whether their own organization is.
func (s *Service) admit(ctx context.Context, g guard, organization string) error {
	if err := g.check(organization); err != nil || organization == "" || organization == g.caller.Organization {
		return err
	}
	exists, err := s.organizations.Exists(ctx, g.caller.Tenant, organization)
	if err != nil {
		return fmt.Errorf("policy: look for an organization: %w", err)
	}
	if !exists {
		return ErrOrganizationNotFound
	}
	return nil
}

// call returns a command on an organization's policies in the name of a caller.
func call(caller *permission.Caller, organization string) command.Call[State] {
	return command.CallBy[State](caller, streamID(organization))
}
