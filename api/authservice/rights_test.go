package authservice_test

import (
	"fmt"
	"slices"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/permission"
)

// entitled is a house in which ann has roles of two projects of other, one of which is granted to home, and manages some things; and
// so does bob.
func entitled(t *testing.T) *house {
	t.Helper()
	h := newHouse(t)
	h.person(t, "bob")
	for _, id := range []string{"p1", "p2"} {
		h.happened(t, "project", id, &eventv1.ProjectAdded{OrganizationId: "other", Name: "Project " + id},
			&eventv1.ProjectRoleAdded{Key: "editor"}, &eventv1.ProjectRoleAdded{Key: "viewer"})
	}
	h.happened(t, "project", "p2", &eventv1.ProjectGrantAdded{OrganizationId: home, RoleKeys: []string{"editor", "viewer"}})
	for _, id := range []string{"ann", "bob"} {
		h.happened(t, "authorization", id,
			&eventv1.AuthorizationAdded{Id: id + "1", ProjectId: "p1", OrganizationId: "other", RoleKeys: []string{"viewer"}},
			&eventv1.AuthorizationAdded{Id: id + "2", ProjectId: "p2", OrganizationId: home, RoleKeys: []string{"editor", "viewer"}})
		h.happened(t, "membership", id,
			&eventv1.MembershipSet{OrganizationId: home, Roles: []string{permission.OrganizationOwner}},
			&eventv1.MembershipSet{OrganizationId: "other", ProjectId: "p1", Roles: []string{permission.ProjectOwner}},
			&eventv1.MembershipSet{OrganizationId: "other", ProjectId: "p2", GrantedOrganizationId: home, Roles: []string{permission.ProjectGrantOwner}})
	}
	return h
}

func TestListMyUserGrants(t *testing.T) {
	t.Parallel()
	h := entitled(t)
	h.happened(t, "org", "other", &eventv1.OrganizationDomainAdded{Domain: "other.example.com"},
		&eventv1.OrganizationDomainVerified{Domain: "other.example.com"}, &eventv1.OrganizationDomainPrimarySet{Domain: "other.example.com"})
	for _, caller := range []string{"ann", "root"} { // who may see everybody's sees its own here
		list, err := h.as(caller).ListMyUserGrants(t.Context(), &authv1.ListMyUserGrantsRequest{Query: &authv1.ListQuery{Asc: true}})
		must(t, err)
		for _, g := range list.GetResult() {
			if d := g.GetDetails(); d.GetSequence() == 0 || d.GetCreationDate() == nil || d.GetChangeDate() == nil {
				t.Errorf("details of a grant: %v", d)
			}
			g.Details = nil
		}
		want := []*authv1.UserGrant{
			{
				GrantId: "ann1", UserId: "ann", OrgId: "other", OrgName: "Other", OrgDomain: "other.example.com", ProjectId: "p1", ProjectName: "Project p1",
				Roles: []string{"viewer"}, RoleKeys: []string{"viewer"}, UserType: authv1.Type_TYPE_HUMAN, State: authv1.UserGrantState_USER_GRANT_STATE_ACTIVE,
			},
			{
				GrantId: "ann2", UserId: "ann", OrgId: home, OrgName: "Home", ProjectId: "p2", ProjectName: "Project p2", ProjectGrantId: home,
				Roles: []string{"editor", "viewer"}, RoleKeys: []string{"editor", "viewer"}, UserType: authv1.Type_TYPE_HUMAN,
				State: authv1.UserGrantState_USER_GRANT_STATE_ACTIVE,
			},
		}
		same := func(a, b *authv1.UserGrant) bool { return proto.Equal(a, b) }
		if list.GetDetails().GetTotalResult() != 2 || !slices.EqualFunc(list.GetResult(), want, same) {
			t.Errorf("%s has %v", caller, list)
		}
	}
	page, err := h.as("ann").ListMyUserGrants(t.Context(), &authv1.ListMyUserGrantsRequest{Query: &authv1.ListQuery{Limit: 1}})
	if must(t, err); len(page.GetResult()) != 1 || page.GetResult()[0].GetGrantId() != "ann2" || page.GetDetails().GetTotalResult() != 2 {
		t.Errorf("the newest: %v", page)
	}
}

func TestListMyProjectPermissions(t *testing.T) {
	t.Parallel()
	h := entitled(t)
	const project = "X-Signet-Projectid"
	for _, c := range []struct {
		headers []string
		want    []string // nil: not found
	}{
		{[]string{project, "p2"}, []string{"editor", "viewer"}},
		{[]string{project, "p1", "X-Zitadel-Orgid", "other"}, []string{"viewer"}},
		{[]string{project, "p1", "X-Signet-Orgid", "other", "X-Zitadel-Orgid", home}, []string{"viewer"}},
		{[]string{project, "p1"}, nil},
		{[]string{project, "p2", "X-Signet-Orgid", "other"}, nil},
		{[]string{project, "unknown"}, nil},
		{nil, nil},
	} {
		got, err := h.as("ann", c.headers...).ListMyProjectPermissions(t.Context(), &authv1.ListMyProjectPermissionsRequest{})
		if c.want == nil {
			fails(t, fmt.Sprint(c.headers), err, connect.CodeNotFound)
		} else if err != nil || !slices.Equal(got.GetResult(), c.want) {
			t.Errorf("%q: %v, %v", c.headers, got, err)
		}
	}
	h.happened(t, "authorization", "ann", &eventv1.AuthorizationDeactivated{Id: "ann2"})
	_, err := h.as("ann", project, "p2").ListMyProjectPermissions(t.Context(), &authv1.ListMyProjectPermissionsRequest{})
	fails(t, "suspended", err, connect.CodeNotFound)
}

func TestListMyMemberships(t *testing.T) {
	t.Parallel()
	h := entitled(t)
	h.happened(t, "instance", tenant, &eventv1.InstanceMemberSet{UserId: "ann", Roles: []string{permission.InstanceOwnerViewer}})
	at := func(q *authv1.MembershipQuery) []*authv1.MembershipQuery { return []*authv1.MembershipQuery{q} }
	const inOrg, inProject, inGrant, inInstance = "Home [ORG_OWNER] org", "Project p1 [PROJECT_OWNER] project", "Project p2 [PROJECT_GRANT_OWNER] grant", " [IAM_OWNER_VIEWER] iam"
	for name, c := range map[string]struct {
		queries []*authv1.MembershipQuery
		want    []string
	}{
		"all":            {nil, []string{inOrg, inProject, inGrant, inInstance}},
		"an org":         {at(&authv1.MembershipQuery{Query: &authv1.MembershipQuery_OrgQuery{OrgQuery: &authv1.MembershipOrgQuery{OrgId: home}}}), []string{inOrg}},
		"another org":    {at(&authv1.MembershipQuery{Query: &authv1.MembershipQuery_OrgQuery{OrgQuery: &authv1.MembershipOrgQuery{OrgId: "other"}}}), nil},
		"a project":      {at(&authv1.MembershipQuery{Query: &authv1.MembershipQuery_ProjectQuery{ProjectQuery: &authv1.MembershipProjectQuery{ProjectId: "p1"}}}), []string{inProject}},
		"a grant":        {at(&authv1.MembershipQuery{Query: &authv1.MembershipQuery_ProjectGrantQuery{ProjectGrantQuery: &authv1.MembershipProjectGrantQuery{ProjectGrantId: home}}}), []string{inGrant}},
		"the instance":   {at(&authv1.MembershipQuery{Query: &authv1.MembershipQuery_IamQuery{IamQuery: &authv1.MembershipIAMQuery{Iam: true}}}), []string{inInstance}},
		"an unnamed org": {at(&authv1.MembershipQuery{Query: &authv1.MembershipQuery_OrgQuery{OrgQuery: &authv1.MembershipOrgQuery{}}}), []string{"refused"}},
		"nothing":        {at(&authv1.MembershipQuery{}), []string{"refused"}},
	} {
		request := &authv1.ListMyMembershipsRequest{Query: &authv1.ListQuery{Asc: true}, Queries: c.queries}
		list, err := h.as("ann").ListMyMemberships(t.Context(), request)
		if slices.Equal(c.want, []string{"refused"}) {
			fails(t, name, err, connect.CodeInvalidArgument)
			continue
		}
		must(t, err)
		var got []string
		for _, m := range list.GetResult() {
			kind := map[bool]string{m.GetIam(): "iam", m.GetOrgId() == home: "org", m.GetProjectId() == "p1": "project", m.GetProjectGrantId() == home: "grant"}[true]
			got = append(got, fmt.Sprint(m.GetDisplayName(), " ", m.GetRoles(), " ", kind))
			if m.GetUserId() != "ann" || m.GetDetails().GetSequence() == 0 {
				t.Errorf("%s: %v", name, m)
			}
		}
		slices.Sort(got)
		want := slices.Sorted(slices.Values(c.want))
		if !slices.Equal(got, want) || int(list.GetDetails().GetTotalResult()) != len(want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestListMyProjectOrgs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.happened(t, "org", "third", &eventv1.OrganizationAdded{Name: "Another"})
	byName := func(q *authv1.OrgNameQuery) *authv1.OrgQuery {
		return &authv1.OrgQuery{Query: &authv1.OrgQuery_NameQuery{NameQuery: q}}
	}
	starts := byName(&authv1.OrgNameQuery{Name: "o", Method: authv1.TextQueryMethod_TEXT_QUERY_METHOD_STARTS_WITH_IGNORE_CASE})
	for _, c := range []struct {
		caller  string
		queries []*authv1.OrgQuery
		want    []string
	}{
		{"ann", nil, []string{"Home"}},
		{"manager", nil, []string{"Home", "Other"}},
		{"worker", nil, []string{"Home"}}, // a role on a project says nothing of its organization
		{"root", nil, []string{"Another", "Home", "Other"}},
		{"root", []*authv1.OrgQuery{starts}, []string{"Other"}},
		{"ann", []*authv1.OrgQuery{starts}, nil},
		{"root", []*authv1.OrgQuery{{Query: &authv1.OrgQuery_IdQuery{IdQuery: &authv1.OrgIDQuery{Id: "third"}}}}, []string{"Another"}},
		{"root", []*authv1.OrgQuery{{Query: &authv1.OrgQuery_StateQuery{StateQuery: &authv1.OrgStateQuery{State: authv1.OrgState_ORG_STATE_INACTIVE}}}}, nil},
		{"root", []*authv1.OrgQuery{{Query: &authv1.OrgQuery_DomainQuery{DomainQuery: &authv1.OrgDomainQuery{Domain: "example.com"}}}}, nil},
	} {
		list, err := h.as(c.caller).ListMyProjectOrgs(t.Context(), &authv1.ListMyProjectOrgsRequest{
			Query: &authv1.ListQuery{Asc: true}, Queries: c.queries, SortingColumn: authv1.OrgFieldName_ORG_FIELD_NAME_NAME,
		})
		must(t, err)
		var got []string
		for _, o := range list.GetResult() {
			got = append(got, o.GetName())
			if o.GetState() != authv1.OrgState_ORG_STATE_ACTIVE || o.GetDetails().GetResourceOwner() != o.GetId() || o.GetDetails().GetSequence() != 1 {
				t.Errorf("an organization: %v", o)
			}
		}
		if !slices.Equal(got, c.want) || int(list.GetDetails().GetTotalResult()) != len(c.want) {
			t.Errorf("%s with %v: %q of %d, want %q", c.caller, c.queries, got, list.GetDetails().GetTotalResult(), c.want)
		}
	}
}

func TestListMyZitadelPermissions(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	settings := []string{
		permission.OrganizationRead, permission.OrganizationWrite, permission.IDPRead, permission.IDPWrite, permission.PolicyRead, permission.PolicyWrite,
	}
	for _, c := range []struct {
		caller  string
		headers []string
		want    []string
	}{
		{"ann", nil, nil},
		{"root", nil, permission.All()},
		{"root", []string{"X-Zitadel-Orgid", "other"}, permission.All()},
		{"manager", nil, nil},
		{"manager", []string{"X-Zitadel-Orgid", "other"}, settings},
		{"manager", []string{"X-Signet-Orgid", "other"}, settings},
		{"worker", nil, []string{
			"project.read:p1", "project.read:p2", "project.role.read:p1", "project.role.read:p2", "project.grant.read:p1",
			"project.member.read:p1", "project.member.read:p2", "user.grant.read:p1", "user.grant.read:p2",
		}},
	} {
		got, err := h.as(c.caller, c.headers...).ListMyZitadelPermissions(t.Context(), &authv1.ListMyZitadelPermissionsRequest{})
		must(t, err)
		have, want := slices.Sorted(slices.Values(got.GetResult())), slices.Sorted(slices.Values(c.want))
		if !slices.Equal(have, want) {
			t.Errorf("%s %q: %q, want %q", c.caller, c.headers, have, want)
		}
	}
	for _, organization := range []string{"other", "unknown"} { // whether it is there or not
		_, err := h.as("ann", "X-Signet-Orgid", organization).ListMyZitadelPermissions(t.Context(), &authv1.ListMyZitadelPermissionsRequest{})
		fails(t, organization, err, connect.CodePermissionDenied)
	}
	features, err := h.as("ann").ListMyZitadelFeatures(t.Context(), &authv1.ListMyZitadelFeaturesRequest{})
	if must(t, err); !slices.Contains(features.GetResult(), "login_policy.passwordless") || !slices.IsSorted(features.GetResult()) {
		t.Errorf("features %q", features.GetResult())
	}
}
