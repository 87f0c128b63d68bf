package tenant

import (
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
)

const (
	// Installation is the reserved name under which the streams of tenants lie. It is no name of a tenant.
	Installation = "#installation"
	// Default is the tenant that is always there.
	Default = "default"
	// Kind is the kind of a tenant's stream. Its id is the tenant's name.
	Kind = "tenant"
)

// Lifecycle is where a tenant is in its life.
type Lifecycle uint8

// The stations of a life.
const (
	Absent Lifecycle = iota // nothing was ever recorded but perhaps host names of Default
	Active
	Removed
)

// State is what is known of a tenant.
type State struct {
	Lifecycle Lifecycle
	Hosts     []string // that it has; of a removed tenant: that it had. Nobody may change them
}

// NewExecutor returns what runs commands on tenants and loads their states.
func NewExecutor(rt command.Runtime) (*command.Executor[State], error) {
	return command.NewExecutor(rt, command.Aggregate[State]{
		Kind:         Kind,
		Fold:         fold,
		Organization: func(string, *State) string { return "" },
		Cached:       1000,
	})
}

func fold(s State, msg proto.Message, _ command.Recorded) State {
	switch e := msg.(type) {
	case *eventv1.TenantAdded:
		return State{Lifecycle: Active, Hosts: e.GetHosts()}
	case *eventv1.TenantHostsSet:
		s.Hosts = e.GetHosts()
	case *eventv1.TenantRemoved:
		s.Lifecycle = Removed
	}
	return s
}
