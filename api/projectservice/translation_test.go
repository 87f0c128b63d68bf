package projectservice

import (
	"reflect"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	filterv2 "github.com/signet-iam/signet/api/gen/signet/filter/v2"
	projectv2 "github.com/signet-iam/signet/api/gen/signet/project/v2"
	"github.com/signet-iam/signet/query"
	queries "github.com/signet-iam/signet/query/project"
)

// What is translated by its number has the same numbers on both sides.
func TestNumbers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ wire, other int }{
		"active":          {int(projectv2.ProjectState_PROJECT_STATE_ACTIVE), int(queries.Active)},
		"inactive":        {int(projectv2.ProjectState_PROJECT_STATE_INACTIVE), int(queries.Inactive)},
		"active grant":    {int(projectv2.ProjectGrantState_PROJECT_GRANT_STATE_ACTIVE), int(queries.Active)},
		"inactive grant":  {int(projectv2.ProjectGrantState_PROJECT_GRANT_STATE_INACTIVE), int(queries.Inactive)},
		"granted, active": {int(projectv2.GrantedProjectState_GRANTED_PROJECT_STATE_ACTIVE), int(queries.Active)},
		"granted, not":    {int(projectv2.GrantedProjectState_GRANTED_PROJECT_STATE_INACTIVE), int(queries.Inactive)},
		"owner's labels": {
			int(projectv2.PrivateLabelingSetting_PRIVATE_LABELING_SETTING_ENFORCE_PROJECT_RESOURCE_OWNER_POLICY),
			int(eventv1.ProjectLabeling_PROJECT_LABELING_PROJECT_OWNER),
		},
		"user's labels": {
			int(projectv2.PrivateLabelingSetting_PRIVATE_LABELING_SETTING_ALLOW_LOGIN_USER_RESOURCE_OWNER_POLICY),
			int(eventv1.ProjectLabeling_PROJECT_LABELING_USER_OWNER),
		},
		"equals":      {int(filterv2.TextFilterMethod_TEXT_FILTER_METHOD_EQUALS), int(query.Equals)},
		"starts with": {int(filterv2.TextFilterMethod_TEXT_FILTER_METHOD_STARTS_WITH), int(query.StartsWith)},
		"ends with":   {int(filterv2.TextFilterMethod_TEXT_FILTER_METHOD_ENDS_WITH_IGNORE_CASE), int(query.EndsWithIgnoreCase)},
	} {
		if c.wire != c.other {
			t.Errorf("%s: %d on the wire, %d here", name, c.wire, c.other)
		}
	}
	for i := range filterv2.TextFilterMethod(0).Descriptor().Values().Len() {
		number := filterv2.TextFilterMethod(0).Descriptor().Values().Get(i).Number()
		if !query.TextMethod(number).Known() {
			t.Errorf("method %d is unknown", number)
		}
	}
}

// Every condition the messages have is translated; one that is left open becomes none.
func TestFilters(t *testing.T) {
	t.Parallel()
	name := &projectv2.ProjectNameFilter{ProjectName: "n", Method: filterv2.TextFilterMethod_TEXT_FILTER_METHOD_CONTAINS}
	ids, id := &filterv2.InIDsFilter{Ids: []string{"a"}}, &filterv2.IDFilter{Id: "o"}
	key := &projectv2.ProjectRoleKeyFilter{Key: "k", Method: filterv2.TextFilterMethod_TEXT_FILTER_METHOD_ENDS_WITH}
	of := func(by projectv2.ProjectOrganizationIDFilter_Type) *projectv2.ProjectSearchFilter {
		return &projectv2.ProjectSearchFilter{Filter: &projectv2.ProjectSearchFilter_OrganizationIdFilter{
			OrganizationIdFilter: &projectv2.ProjectOrganizationIDFilter{OrganizationId: "o", Type: by},
		}}
	}
	for i, c := range []struct{ got, want any }{
		{projectFilter(&projectv2.ProjectSearchFilter{Filter: &projectv2.ProjectSearchFilter_ProjectNameFilter{ProjectNameFilter: name}}),
			queries.Named{Is: query.Contains, Value: "n"}},
		{projectFilter(&projectv2.ProjectSearchFilter{Filter: &projectv2.ProjectSearchFilter_InProjectIdsFilter{InProjectIdsFilter: ids}}), queries.InIDs{"a"}},
		{projectFilter(of(projectv2.ProjectOrganizationIDFilter_TYPE_UNSPECIFIED)), queries.OfOrganization{ID: "o", By: queries.OwnedOrGranted}},
		{projectFilter(of(projectv2.ProjectOrganizationIDFilter_OWNED)), queries.OfOrganization{ID: "o", By: queries.Owned}},
		{projectFilter(of(projectv2.ProjectOrganizationIDFilter_GRANTED)), queries.OfOrganization{ID: "o", By: queries.Granting}},
		{projectFilter(of(projectv2.ProjectOrganizationIDFilter_OWNED_OR_GRANTED)), queries.OfOrganization{ID: "o", By: queries.OwnedOrGranted}},
		{projectFilter(&projectv2.ProjectSearchFilter{}), queries.Filter(nil)},
		{roleFilter(&projectv2.ProjectRoleSearchFilter{Filter: &projectv2.ProjectRoleSearchFilter_RoleKeyFilter{RoleKeyFilter: key}}),
			queries.RoleKey{Is: query.EndsWith, Value: "k"}},
		{roleFilter(&projectv2.ProjectRoleSearchFilter{Filter: &projectv2.ProjectRoleSearchFilter_DisplayNameFilter{
			DisplayNameFilter: &projectv2.ProjectRoleDisplayNameFilter{DisplayName: "d"},
		}}), queries.RoleDisplayName{Value: "d"}},
		{roleFilter(&projectv2.ProjectRoleSearchFilter{}), queries.RoleFilter(nil)},
		{grantFilter(&projectv2.ProjectGrantSearchFilter{Filter: &projectv2.ProjectGrantSearchFilter_ProjectNameFilter{ProjectNameFilter: name}}),
			queries.Named{Is: query.Contains, Value: "n"}},
		{grantFilter(&projectv2.ProjectGrantSearchFilter{Filter: &projectv2.ProjectGrantSearchFilter_RoleKeyFilter{RoleKeyFilter: key}}),
			queries.RoleKey{Is: query.EndsWith, Value: "k"}},
		{grantFilter(&projectv2.ProjectGrantSearchFilter{Filter: &projectv2.ProjectGrantSearchFilter_InProjectIdsFilter{InProjectIdsFilter: ids}}), queries.InIDs{"a"}},
		{grantFilter(&projectv2.ProjectGrantSearchFilter{Filter: &projectv2.ProjectGrantSearchFilter_OrganizationIdFilter{OrganizationIdFilter: id}}),
			queries.OwnedBy("o")},
		{grantFilter(&projectv2.ProjectGrantSearchFilter{Filter: &projectv2.ProjectGrantSearchFilter_GrantedOrganizationIdFilter{GrantedOrganizationIdFilter: id}}),
			queries.GrantedTo("o")},
		{grantFilter(&projectv2.ProjectGrantSearchFilter{}), queries.GrantFilter(nil)},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("case %d: %#v, want %#v", i, c.got, c.want)
		}
	}
}

// No way to sort falls back to another one, but for what is not said.
func TestColumns(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		of     protoreflect.EnumDescriptor
		column func(protoreflect.EnumNumber) queries.Column
	}{
		"projects": {projectv2.ProjectFieldName(0).Descriptor(), func(n protoreflect.EnumNumber) queries.Column {
			return projectColumn(projectv2.ProjectFieldName(n))
		}},
		"roles": {projectv2.ProjectRoleFieldName(0).Descriptor(), func(n protoreflect.EnumNumber) queries.Column {
			return roleColumn(projectv2.ProjectRoleFieldName(n))
		}},
		"grants": {projectv2.ProjectGrantFieldName(0).Descriptor(), func(n protoreflect.EnumNumber) queries.Column {
			return grantColumn(projectv2.ProjectGrantFieldName(n))
		}},
	} {
		seen := make(map[queries.Column]bool)
		for i := 1; i < c.of.Values().Len(); i++ {
			seen[c.column(c.of.Values().Get(i).Number())] = true
		}
		if len(seen) != c.of.Values().Len()-1 || c.column(0) != queries.ByCreation || c.column(99) != queries.ByCreation {
			t.Errorf("%s are sorted by %v", name, seen)
		}
	}
}

// Every field of a row has its place in the message.
func TestMessages(t *testing.T) {
	t.Parallel()
	made, changed := time.Unix(1, 0).UTC(), time.Unix(2, 0).UTC()
	to := queries.Granted{Organization: "o2", Name: "Partner", State: queries.Inactive}
	p := queries.Project{
		ID: "p", Organization: "o1", Name: "Shop", State: queries.Active, RoleAssertion: true, AuthorizationRequired: true,
		AccessRequired: true, Labeling: 2, Granted: to, CreatedAt: made, ChangedAt: changed,
	}
	want := &projectv2.Project{
		ProjectId: "p", OrganizationId: "o1", Name: "Shop", State: projectv2.ProjectState_PROJECT_STATE_ACTIVE, ProjectRoleAssertion: true,
		AuthorizationRequired: true, ProjectAccessRequired: true,
		PrivateLabelingSetting: projectv2.PrivateLabelingSetting_PRIVATE_LABELING_SETTING_ALLOW_LOGIN_USER_RESOURCE_OWNER_POLICY,
		GrantedOrganizationId:  proto.String("o2"), GrantedOrganizationName: proto.String("Partner"),
		GrantedState: projectv2.GrantedProjectState_GRANTED_PROJECT_STATE_INACTIVE,
		CreationDate: timestamppb.New(made), ChangeDate: timestamppb.New(changed),
	}
	if got := message(&p); !proto.Equal(got, want) {
		t.Errorf("as granted: %v", got)
	}
	p.Granted = queries.Granted{}
	want.GrantedOrganizationId, want.GrantedOrganizationName, want.GrantedState = nil, nil, 0
	if got := message(&p); !proto.Equal(got, want) {
		t.Errorf("as owned: %v", got)
	}
	role := roleMessage(&queries.Role{Project: "p", Key: "k", DisplayName: "K", Group: "g", CreatedAt: made, ChangedAt: changed})
	if !proto.Equal(role, &projectv2.ProjectRole{
		ProjectId: "p", Key: "k", DisplayName: "K", Group: "g", CreationDate: timestamppb.New(made), ChangeDate: timestamppb.New(changed),
	}) {
		t.Errorf("a role: %v", role)
	}
	grant := grantMessage(&queries.Grant{
		Project: "p", ProjectName: "Shop", Organization: "o1", To: to, Roles: []string{"k"}, CreatedAt: made, ChangedAt: changed,
	})
	if !proto.Equal(grant, &projectv2.ProjectGrant{
		ProjectId: "p", ProjectName: "Shop", OrganizationId: "o1", GrantedOrganizationId: "o2", GrantedOrganizationName: "Partner",
		GrantedRoleKeys: []string{"k"}, State: projectv2.ProjectGrantState_PROJECT_GRANT_STATE_INACTIVE,
		CreationDate: timestamppb.New(made), ChangeDate: timestamppb.New(changed),
	}) {
		t.Errorf("a grant: %v", grant)
	}
	if newLabeling(nil) != nil || *newLabeling(projectv2.PrivateLabelingSetting(1).Enum()) != eventv1.ProjectLabeling_PROJECT_LABELING_PROJECT_OWNER {
		t.Error("a labeling that stays is changed, or the other way round")
	}
}
