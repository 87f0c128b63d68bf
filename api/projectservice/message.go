package projectservice

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	projectv2 "github.com/signet-iam/signet/api/gen/signet/project/v2"
	queries "github.com/signet-iam/signet/query/project"
)

func message(p *queries.Project) *projectv2.Project {
	m := &projectv2.Project{
		ProjectId: p.ID, OrganizationId: p.Organization, Name: p.Name, State: projectv2.ProjectState(p.State),
		CreationDate: timestamppb.New(p.CreatedAt), ChangeDate: timestamppb.New(p.ChangedAt),
		ProjectRoleAssertion: p.RoleAssertion, AuthorizationRequired: p.AuthorizationRequired, ProjectAccessRequired: p.AccessRequired,
		PrivateLabelingSetting: projectv2.PrivateLabelingSetting(p.Labeling),
	}
	if to := p.Granted; to.Organization != "" {
		m.GrantedOrganizationId, m.GrantedOrganizationName = proto.String(to.Organization), proto.String(to.Name)
		m.GrantedState = projectv2.GrantedProjectState(to.State)
	}
	return m
}

func roleMessage(r *queries.Role) *projectv2.ProjectRole {
	return &projectv2.ProjectRole{
		ProjectId: r.Project, Key: r.Key, DisplayName: r.DisplayName, Group: r.Group,
		CreationDate: timestamppb.New(r.CreatedAt), ChangeDate: timestamppb.New(r.ChangedAt),
	}
}

func grantMessage(g *queries.Grant) *projectv2.ProjectGrant {
	return &projectv2.ProjectGrant{
		ProjectId: g.Project, ProjectName: g.ProjectName, OrganizationId: g.Organization,
		GrantedOrganizationId: g.To.Organization, GrantedOrganizationName: g.To.Name, GrantedRoleKeys: g.Roles,
		State: projectv2.ProjectGrantState(g.To.State), CreationDate: timestamppb.New(g.CreatedAt), ChangeDate: timestamppb.New(g.ChangedAt),
	}
}

// messages translates the rows of a page.
func messages[R, M any](rows []R, one func(*R) *M) []*M {
	out := make([]*M, len(rows))
	for i := range rows {
		out[i] = one(&rows[i])
	}
	return out
}

// filters translates conditions; nil stands for one that the message leaves open.
func filters[M, F any](conditions []*M, one func(*M) F) []F {
	out := make([]F, len(conditions))
	for i, c := range conditions {
		out[i] = one(c)
	}
	return out
}

// labeling reads a setting. Wire and event have the same numbers.
func labeling(s projectv2.PrivateLabelingSetting) eventv1.ProjectLabeling {
	return eventv1.ProjectLabeling(s)
}

func newLabeling(s *projectv2.PrivateLabelingSetting) *eventv1.ProjectLabeling {
	if s == nil {
		return nil
	}
	return labeling(*s).Enum()
}
