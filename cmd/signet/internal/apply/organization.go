package apply

import (
	"context"

	objectv2 "github.com/signet-iam/signet/api/gen/signet/object/v2"
	orgv2 "github.com/signet-iam/signet/api/gen/signet/org/v2"
)

func (s *Server) readOrganizations(ctx context.Context, keys []Key, into State) error {
	for _, key := range keys {
		if key.ID == "" {
			continue
		}
		answer, err := s.organizations.ListOrganizations(ctx, &orgv2.ListOrganizationsRequest{
			Query:   &objectv2.ListQuery{Limit: 1},
			Queries: []*orgv2.SearchQuery{{Query: &orgv2.SearchQuery_IdQuery{IdQuery: &orgv2.OrganizationIDQuery{Id: key.ID}}}},
		})
		if err != nil {
			return err
		}
		for _, o := range answer.GetResult() {
			active := o.GetState() == orgv2.OrganizationState_ORGANIZATION_STATE_ACTIVE
			into[key] = &Thing{Fields: Fields{"name": o.GetName(), fieldState: stateOf(active)}}
		}
	}
	return nil
}

func stateOf(active bool) string {
	if active {
		return stateActive
	}
	return stateInactive
}

func (s *Server) makeOrganization(ctx context.Context, c Change) error {
	id, to := c.Key.ID, c.to()
	switch c.Action {
	case Create:
		_, err := s.organizations.AddOrganization(ctx, &orgv2.AddOrganizationRequest{OrganizationId: &id, Name: to["name"]})
		return err
	case Remove:
		_, err := s.organizations.DeleteOrganization(ctx, &orgv2.DeleteOrganizationRequest{OrganizationId: id})
		return err
	}
	var err error
	switch to[fieldState] {
	case stateActive:
		_, err = s.organizations.ActivateOrganization(ctx, &orgv2.ActivateOrganizationRequest{OrganizationId: id})
	case stateInactive:
		_, err = s.organizations.DeactivateOrganization(ctx, &orgv2.DeactivateOrganizationRequest{OrganizationId: id})
	}
	if name, ok := to["name"]; ok && err == nil {
		_, err = s.organizations.UpdateOrganization(ctx, &orgv2.UpdateOrganizationRequest{OrganizationId: id, Name: name})
	}
	return err
}
