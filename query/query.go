package query

import (
	"time"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/failure"
)

// Viewer is whoever asks. Every query decides by it what may be seen.
type Viewer interface {
	TenantID() string
	// SubjectID is the id of the user who asks.
	SubjectID() string
	// May reports whether the viewer holds a permission on an organization. The empty organization stands for the whole
	// tenant: who holds a permission there holds it on every organization.
	May(permission, organization string) bool
	// Organizations returns the organizations on which the viewer holds a permission, or that it holds it on all.
	Organizations(permission string) (some []string, all bool)
}

// ProjectViewer is a viewer who may hold permissions on single projects.
type ProjectViewer interface {
	Viewer
	// Projects returns the projects on which the viewer holds a permission by a membership there.
	Projects(permission string) []string
	// Grants returns the granted projects on which the viewer holds a permission by a membership there: a project, and at the same
	// index the organization that it was granted to.
	Grants(permission string) (projects, organizations []string)
}

// MayAnywhere reports whether the viewer holds a permission on any organization at all. Who does not is denied before
// anything is looked up, so that unknown and existing objects look the same.
func MayAnywhere(viewer Viewer, permission string) bool {
	some, all := viewer.Organizations(permission)
	return all || len(some) > 0
}

// Permissions that queries ask for.
const (
	UserRead  = "user.read"
	AuditRead = "audit.read"
	InboxRead = "inbox.read"
	IDPRead   = "idp.read"

	SessionRead = "session.read"

	OrganizationRead       = "org.read"
	OrganizationMemberRead = "org.member.read"
	InstanceMemberRead     = "iam.member.read"

	ProjectRead       = "project.read"
	ProjectRoleRead   = "project.role.read"
	ProjectGrantRead  = "project.grant.read"
	ProjectMemberRead = "project.member.read"
	AuthorizationRead = "user.grant.read"
)

// Mode says how fresh an answer must be.
type Mode uint8

const (
	// Strong answers hold everything acknowledged before the question.
	Strong Mode = iota
	// Eventual answers hold what the read model holds. They never wait.
	Eventual
)

// DefaultTimeout bounds the wait for a read model that is behind.
const DefaultTimeout = 500 * time.Millisecond

// Consistency is a caller's demand. The zero value is a strong read.
type Consistency struct {
	Mode Mode
	// MinPosition, where above zero, replaces the mode's demand: the answer holds the log up to this position at least.
	MinPosition eventstore.Position
	// Timeout bounds the wait; DefaultTimeout when zero.
	Timeout time.Duration
}

func (c Consistency) timeout() time.Duration {
	if c.Timeout > 0 {
		return c.Timeout
	}
	return DefaultTimeout
}

// target is the position an answer has to reflect, given the last one committed when it was read.
func (c Consistency) target(head eventstore.Position) eventstore.Position {
	switch {
	case c.MinPosition > 0:
		return c.MinPosition
	case c.Mode == Eventual:
		return 0
	default:
		return head
	}
}

// Reflected says which state of the log an answer shows.
type Reflected struct {
	// Position up to which the answer holds the log. For a read by id it is the position of the stream's last event.
	Position eventstore.Position
	// At is when the read model came to be in this state.
	At time.Time
	// Incomplete says that the projection has set some stream of the tenant aside: its latest events are missing.
	Incomplete bool
}

var (
	// ErrBehind says that the read model did not catch up in time.
	ErrBehind = failure.New(failure.Unavailable, "READ_MODEL_BEHIND",
		"the read model has not caught up with the log yet; try again")
	// ErrUnavailable says that the database cannot be reached.
	ErrUnavailable = failure.New(failure.Unavailable, "DATABASE_UNAVAILABLE",
		"the database cannot be reached; try again")
	// ErrDenied says that the viewer may not see what was asked for, whether it exists or not.
	ErrDenied = failure.New(failure.PermissionDenied, "PERMISSION_DENIED",
		"the permission for this is missing")
)
