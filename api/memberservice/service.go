package memberservice

import (
	memberv1 "github.com/signet-iam/signet/api/gen/signet/member/v1"
	commands "github.com/signet-iam/signet/command/member"
	queries "github.com/signet-iam/signet/query/member"
)

// Service implements the API to memberships.
type Service struct {
	commands *commands.Service
	queries  *queries.Queries
}

// New returns the service on top of its commands and queries.
func New(c *commands.Service, q *queries.Queries) *Service { return &Service{commands: c, queries: q} }

// resource translates what roles are held on; one that the message leaves open is none.
func resource(r *memberv1.Resource) commands.Resource {
	switch r := r.GetResource().(type) {
	case *memberv1.Resource_Instance:
		return commands.Resource{Instance: r.Instance}
	case *memberv1.Resource_OrganizationId:
		return commands.Resource{Organization: r.OrganizationId}
	case *memberv1.Resource_ProjectId:
		return commands.Resource{Project: r.ProjectId}
	case *memberv1.Resource_ProjectGrant:
		return commands.Resource{Project: r.ProjectGrant.GetProjectId(), Granted: r.ProjectGrant.GetGrantedOrganizationId()}
	}
	return commands.Resource{}
}
