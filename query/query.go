package query

import (
	"strings"
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

	// ErrLimit refuses a page that is too large.
	ErrLimit = failure.Newf(failure.InvalidArgument, "LIMIT_EXCEEDED", "limit is above %d", MaxLimit)
	// ErrOffset refuses a page that begins beyond what numbers reach.
	ErrOffset = failure.New(failure.InvalidArgument, "OFFSET_INVALID", "offset is out of range")
	// ErrUnknownColumn refuses what a list cannot be sorted by.
	ErrUnknownColumn = failure.New(failure.InvalidArgument, "SORTING_COLUMN_UNKNOWN", "unknown sorting column")

	// ErrNoCondition refuses a condition that says nothing.
	ErrNoCondition = failure.New(failure.InvalidArgument, "QUERY_MISSING", "a query without a condition")
	// ErrTooManyFilters refuses more conditions than one list may have.
	ErrTooManyFilters = failure.Newf(failure.InvalidArgument, "QUERY_TOO_LARGE", "more than %d queries in one request", MaxFilters)
	// ErrTooManyListed refuses more ids than all conditions of one list may name together.
	ErrTooManyListed = failure.Newf(failure.InvalidArgument, "QUERY_TOO_LARGE", "more than %d ids in one request", MaxListed)
	// ErrInvalidText refuses a text for which ValidText is false.
	ErrInvalidText = failure.Newf(failure.InvalidArgument, "QUERY_TEXT_INVALID", "query text: at most %d bytes without control zeros", MaxText)
	// ErrUnknownField refuses what a list cannot be narrowed by.
	ErrUnknownField = failure.New(failure.InvalidArgument, "QUERY_FIELD_UNKNOWN", "unknown query field, or way to compare")
)

// MaxID is the length of the longest id of a stream, in bytes.
const MaxID = 200

// ValidID reports whether a text can be the id of a stream.
func ValidID(id string) bool { return id != "" && len(id) <= MaxID && !strings.Contains(id, "\x00") }
