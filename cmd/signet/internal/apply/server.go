package apply

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/genproto/googleapis/rpc/errdetails"

	"github.com/signet-iam/signet/api/gen/signet/authorization/v2/authorizationv2connect"
	"github.com/signet-iam/signet/api/gen/signet/idp/v1/idpv1connect"
	"github.com/signet-iam/signet/api/gen/signet/member/v1/memberv1connect"
	"github.com/signet-iam/signet/api/gen/signet/org/v2/orgv2connect"
	"github.com/signet-iam/signet/api/gen/signet/project/v2/projectv2connect"
	"github.com/signet-iam/signet/api/gen/signet/settings/v2/settingsv2connect"
	"github.com/signet-iam/signet/api/gen/signet/user/v2/userv2connect"
)

// patience is how long one request may take.
const patience = 30 * time.Second

// Server is an installation that is read and changed with the rights of one token. It is not for use by several goroutines.
type Server struct {
	organizations  orgv2connect.OrganizationServiceClient
	projects       projectv2connect.ProjectServiceClient
	authorizations authorizationv2connect.AuthorizationServiceClient
	members        memberv1connect.MemberServiceClient
	settings       settingsClient
	providers      idpv1connect.ProviderServiceClient
	users          userv2connect.UserServiceClient

	ids map[Key]string // that the server gave to providers and authorizations
}

// NewServer returns the installation at a URL such as https://id.example.com.
func NewServer(url, token string) *Server {
	client := &http.Client{
		Transport: bearer{token: token, next: http.DefaultTransport},
		Timeout:   patience,
		// A token goes where it was meant to go, and nowhere else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &Server{
		organizations:  orgv2connect.NewOrganizationServiceClient(client, url),
		projects:       projectv2connect.NewProjectServiceClient(client, url),
		authorizations: authorizationv2connect.NewAuthorizationServiceClient(client, url),
		members:        memberv1connect.NewMemberServiceClient(client, url),
		settings:       settingsv2connect.NewSettingsServiceClient(client, url),
		providers:      idpv1connect.NewProviderServiceClient(client, url),
		users:          userv2connect.NewUserServiceClient(client, url),
		ids:            make(map[Key]string),
	}
}

type bearer struct {
	token string
	next  http.RoundTripper
}

// RoundTrip sends the token along.
func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+b.token)
	return b.next.RoundTrip(r)
}

// Read returns those of the desired things that are there, and of what they need, with all their fields. What the token may not see
// looks as if it were not there.
func (s *Server) Read(ctx context.Context, desired State) (State, error) {
	keys := make(map[Kind][]Key)
	named := make(map[Key]bool)
	for key, want := range desired {
		for _, k := range slices.Concat([]Key{key}, around(key), want.Needs) {
			if !named[k] {
				named[k] = true
				keys[k.Kind] = append(keys[k.Kind], k)
			}
		}
	}
	actual := make(State)
	for _, step := range []struct {
		kind Kind
		read func(context.Context, []Key, State) error
	}{
		{Organization, s.readOrganizations}, {Policy, s.readPolicies}, {Project, s.readProjects}, {Role, s.readRoles}, {Grant, s.readGrants},
		{Provider, s.readProviders}, {Machine, s.readMachines}, {Membership, s.readMemberships}, {Authorization, s.readAuthorizations},
	} {
		slices.SortFunc(keys[step.kind], compare)
		if err := step.read(ctx, keys[step.kind], actual); err != nil {
			return nil, fmt.Errorf("read the server: %w", explained(err))
		}
	}
	maps.DeleteFunc(actual, func(k Key, _ *Thing) bool { return !named[k] })
	return actual, nil
}

// around returns what something is in, without which nobody has to be asked for it.
func around(key Key) []Key {
	var in []Key
	if key.Organization != "" {
		in = append(in, Key{Kind: Organization, ID: key.Organization})
	}
	if key.Project != "" {
		in = append(in, Key{Kind: Project, ID: key.Project})
	}
	return in
}

// Make makes one change. What the server refuses comes with the server's reason.
func (s *Server) Make(ctx context.Context, c Change) error {
	kinds := map[Kind]func(context.Context, Change) error{
		Organization: s.makeOrganization, Policy: s.makePolicy, Project: s.makeProject, Role: s.makeRole, Grant: s.makeGrant,
		Provider: s.makeProvider, Machine: s.makeMachine, Membership: s.makeMembership, Authorization: s.makeAuthorization,
	}
	return explained(kinds[c.Key.Kind](ctx, c))
}

// explained adds the machine-readable reason to a refusal.
func explained(err error) error {
	refusal := new(connect.Error)
	if !errors.As(err, &refusal) {
		return err
	}
	for _, detail := range refusal.Details() {
		value, failed := detail.Value()
		if info, ok := value.(*errdetails.ErrorInfo); failed == nil && ok {
			return fmt.Errorf("%w (%s)", err, info.GetReason())
		}
	}
	return err
}

// page is how many rows are asked for at once.
const page = 100

// pages calls fetch with one offset after the other, until it has returned as many rows as there are.
func pages(fetch func(offset uint64) (rows int, total uint64, err error)) error {
	for offset := uint64(0); ; {
		rows, total, err := fetch(offset)
		if err != nil {
			return err
		}
		offset += uint64(rows)
		if rows == 0 || offset >= total {
			return nil
		}
	}
}

// distinct returns one value of each key, each once, in order.
func distinct(keys []Key, of func(Key) string) []string {
	values := make([]string, len(keys))
	for i, key := range keys {
		values[i] = of(key)
	}
	slices.Sort(values)
	return slices.Compact(values)
}
