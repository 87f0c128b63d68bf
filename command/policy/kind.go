package policy

import (
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
)

// The policies. Each is the event that set it.
type (
	// Login says how people may sign in.
	Login = eventv1.LoginPolicySet
	// PasswordComplexity says what a new password must have.
	PasswordComplexity = eventv1.PasswordComplexityPolicySet
	// PasswordAge says for how many days a password signs its user in directly.
	PasswordAge = eventv1.PasswordAgePolicySet
	// Lockout says after how many wrong answers in a row a user is locked.
	Lockout = eventv1.LockoutPolicySet
	// Notification says what people are told of without having asked.
	Notification = eventv1.NotificationPolicySet
	// Privacy holds links to legal texts and to support.
	Privacy = eventv1.PrivacyPolicySet
	// Branding says how pages look.
	Branding = eventv1.BrandingPolicySet
	// Domain says what the domains of an organization mean for its users' names.
	Domain = eventv1.DomainPolicySet
	// Language says which languages messages are in. It is the instance's alone.
	Language = eventv1.LanguagePolicySet
	// Security says who may show pages in a frame, and whether users may be impersonated. It is the instance's alone.
	Security = eventv1.SecurityPolicySet
)

// Policy is one of the policies.
type Policy interface {
	*Login | *PasswordComplexity | *PasswordAge | *Lockout | *Notification | *Privacy | *Branding | *Domain | *Language | *Security
	proto.Message
}

// kind tells policies apart.
type kind uint8

const (
	login kind = iota + 1
	passwordComplexity
	passwordAge
	lockout
	notification
	privacy
	branding
	domain
	language
	security
)

// kindOf returns the kind of a policy; false for a message that is none.
func kindOf(policy proto.Message) (kind, bool) {
	switch policy.(type) {
	case *Login:
		return login, true
	case *PasswordComplexity:
		return passwordComplexity, true
	case *PasswordAge:
		return passwordAge, true
	case *Lockout:
		return lockout, true
	case *Notification:
		return notification, true
	case *Privacy:
		return privacy, true
	case *Branding:
		return branding, true
	case *Domain:
		return domain, true
	case *Language:
		return language, true
	case *Security:
		return security, true
	}
	return 0, false
}

// resettable returns the kind that an organization can have of its own under this name.
func resettable(k eventv1.PolicyKind) (kind, bool) {
	switch k {
	case eventv1.PolicyKind_POLICY_KIND_LOGIN:
		return login, true
	case eventv1.PolicyKind_POLICY_KIND_PASSWORD_COMPLEXITY:
		return passwordComplexity, true
	case eventv1.PolicyKind_POLICY_KIND_PASSWORD_AGE:
		return passwordAge, true
	case eventv1.PolicyKind_POLICY_KIND_BRANDING:
		return branding, true
	case eventv1.PolicyKind_POLICY_KIND_DOMAIN:
		return domain, true
	case eventv1.PolicyKind_POLICY_KIND_PRIVACY:
		return privacy, true
	case eventv1.PolicyKind_POLICY_KIND_LOCKOUT:
		return lockout, true
	case eventv1.PolicyKind_POLICY_KIND_NOTIFICATION:
		return notification, true
	}
	return 0, false
}

// ofInstanceOnly reports whether organizations have no policy of their own of this kind.
func (k kind) ofInstanceOnly() bool { return k == language || k == security }
