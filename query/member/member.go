package member

import (
	"time"

	"github.com/signet-iam/signet/eventstore"
)

// Level is what roles are held on. The numbers are those of the wire.
type Level uint8

// The levels.
const (
	OnInstance Level = iota + 1
	OnOrganization
	OnProject
	OnProjectGrant
)

// Resource is what roles are held on: the instance where all is empty.
type Resource struct {
	Organization string // alone: the organization; of a project its owner
	Project      string
	Granted      string // the organization that the project was granted to
}

// Level returns the kind of the resource.
func (r *Resource) Level() Level {
	switch {
	case r.Granted != "":
		return OnProjectGrant
	case r.Project != "":
		return OnProject
	case r.Organization != "":
		return OnOrganization
	}
	return OnInstance
}

// Member is a user with roles on a resource.
type Member struct {
	Resource  Resource
	Name      string // of the project or organization; empty for the instance
	User      User
	Roles     []string            // sorted
	Position  eventstore.Position // of the event that set them
	CreatedAt time.Time
	ChangedAt time.Time
}

// User is who holds the roles.
type User struct {
	ID           string
	Organization string
	LoginName    string
	DisplayName  string
}
