package apply

import (
	"context"
	"slices"

	filterv2 "github.com/signet-iam/signet/api/gen/signet/filter/v2"
	projectv2 "github.com/signet-iam/signet/api/gen/signet/project/v2"
)

func (s *Server) readProjects(ctx context.Context, keys []Key, into State) error {
	ids := distinct(keys, func(k Key) string { return k.ID })
	for some := range slices.Chunk(ids, page) {
		filter := &projectv2.ProjectSearchFilter_InProjectIdsFilter{InProjectIdsFilter: &filterv2.InIDsFilter{Ids: some}}
		err := pages(func(offset uint64) (int, uint64, error) {
			answer, err := s.projects.ListProjects(ctx, &projectv2.ListProjectsRequest{
				Pagination: &filterv2.PaginationRequest{Offset: offset, Limit: page, Asc: true},
				Filters:    []*projectv2.ProjectSearchFilter{{Filter: filter}},
			})
			for _, p := range answer.GetProjects() {
				if p.GetGrantedOrganizationId() == "" {
					into[Key{Kind: Project, ID: p.GetProjectId()}] = projectThing(p)
				}
			}
			return len(answer.GetProjects()), answer.GetPagination().GetTotalResult(), err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func projectThing(p *projectv2.Project) *Thing {
	fields := make(Fields)
	fieldsOf(p.ProtoReflect(), "", fields)
	fields[fieldOrganization] = p.GetOrganizationId()
	fields[fieldState] = stateOf(p.GetState() == projectv2.ProjectState_PROJECT_STATE_ACTIVE)
	return &Thing{Fields: fields}
}

func (s *Server) makeProject(ctx context.Context, c Change) error {
	id, to := c.Key.ID, c.to()
	switch c.Action {
	case Create:
		request := &projectv2.CreateProjectRequest{ProjectId: &id, OrganizationId: to[fieldOrganization]}
		if err := fill(request, to); err != nil {
			return err
		}
		_, err := s.projects.CreateProject(ctx, request)
		return err
	case Remove:
		_, err := s.projects.DeleteProject(ctx, &projectv2.DeleteProjectRequest{ProjectId: id})
		return err
	}
	var err error
	switch to[fieldState] {
	case stateActive:
		_, err = s.projects.ActivateProject(ctx, &projectv2.ActivateProjectRequest{ProjectId: id})
	case stateInactive:
		_, err = s.projects.DeactivateProject(ctx, &projectv2.DeactivateProjectRequest{ProjectId: id})
	}
	delete(to, fieldState)
	if err != nil || len(to) == 0 {
		return err
	}
	request := &projectv2.UpdateProjectRequest{ProjectId: id}
	if err := fill(request, to); err != nil {
		return err
	}
	_, err = s.projects.UpdateProject(ctx, request)
	return err
}

func (s *Server) readRoles(ctx context.Context, keys []Key, into State) error {
	for _, project := range distinct(keys, func(k Key) string { return k.Project }) {
		if into[Key{Kind: Project, ID: project}] == nil {
			continue
		}
		err := pages(func(offset uint64) (int, uint64, error) {
			answer, err := s.projects.ListProjectRoles(ctx, &projectv2.ListProjectRolesRequest{
				ProjectId: project, Pagination: &filterv2.PaginationRequest{Offset: offset, Limit: page, Asc: true},
			})
			for _, r := range answer.GetProjectRoles() {
				fields := Fields{"display_name": r.GetDisplayName(), "group": r.GetGroup()}
				into[Key{Kind: Role, ID: r.GetKey(), Project: project}] = &Thing{Fields: fields}
			}
			return len(answer.GetProjectRoles()), answer.GetPagination().GetTotalResult(), err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// makeRole shows a new role by its key unless a file says otherwise.
func (s *Server) makeRole(ctx context.Context, c Change) error {
	project, key, to := c.Key.Project, c.Key.ID, c.to()
	switch c.Action {
	case Create:
		request := &projectv2.AddProjectRoleRequest{ProjectId: project, RoleKey: key, DisplayName: key}
		if err := fill(request, to); err != nil {
			return err
		}
		_, err := s.projects.AddProjectRole(ctx, request)
		return err
	case Remove:
		_, err := s.projects.RemoveProjectRole(ctx, &projectv2.RemoveProjectRoleRequest{ProjectId: project, RoleKey: key})
		return err
	}
	request := &projectv2.UpdateProjectRoleRequest{ProjectId: project, RoleKey: key}
	if err := fill(request, to); err != nil {
		return err
	}
	_, err := s.projects.UpdateProjectRole(ctx, request)
	return err
}

func (s *Server) readGrants(ctx context.Context, keys []Key, into State) error {
	ids := distinct(keys, func(k Key) string { return k.Project })
	for some := range slices.Chunk(ids, page) {
		filter := &projectv2.ProjectGrantSearchFilter_InProjectIdsFilter{InProjectIdsFilter: &filterv2.InIDsFilter{Ids: some}}
		err := pages(func(offset uint64) (int, uint64, error) {
			answer, err := s.projects.ListProjectGrants(ctx, &projectv2.ListProjectGrantsRequest{
				Pagination: &filterv2.PaginationRequest{Offset: offset, Limit: page, Asc: true},
				Filters:    []*projectv2.ProjectGrantSearchFilter{{Filter: filter}},
			})
			for _, g := range answer.GetProjectGrants() {
				active := g.GetState() == projectv2.ProjectGrantState_PROJECT_GRANT_STATE_ACTIVE
				into[Key{Kind: Grant, Project: g.GetProjectId(), Organization: g.GetGrantedOrganizationId()}] = &Thing{
					Fields: Fields{fieldRoles: setText(g.GetGrantedRoleKeys()), fieldState: stateOf(active)},
				}
			}
			return len(answer.GetProjectGrants()), answer.GetPagination().GetTotalResult(), err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) makeGrant(ctx context.Context, c Change) error {
	project, organization, to := c.Key.Project, c.Key.Organization, c.to()
	roles, named := to[fieldRoles]
	switch c.Action {
	case Create:
		request := &projectv2.CreateProjectGrantRequest{ProjectId: project, GrantedOrganizationId: organization, RoleKeys: itemsOf(roles)}
		_, err := s.projects.CreateProjectGrant(ctx, request)
		return err
	case Remove:
		request := &projectv2.DeleteProjectGrantRequest{ProjectId: project, GrantedOrganizationId: organization}
		_, err := s.projects.DeleteProjectGrant(ctx, request)
		return err
	}
	var err error
	switch to[fieldState] {
	case stateActive:
		request := &projectv2.ActivateProjectGrantRequest{ProjectId: project, GrantedOrganizationId: organization}
		_, err = s.projects.ActivateProjectGrant(ctx, request)
	case stateInactive:
		request := &projectv2.DeactivateProjectGrantRequest{ProjectId: project, GrantedOrganizationId: organization}
		_, err = s.projects.DeactivateProjectGrant(ctx, request)
	}
	if err != nil || !named {
		return err
	}
	request := &projectv2.UpdateProjectGrantRequest{ProjectId: project, GrantedOrganizationId: organization, RoleKeys: itemsOf(roles)}
	_, err = s.projects.UpdateProjectGrant(ctx, request)
	return err
}
