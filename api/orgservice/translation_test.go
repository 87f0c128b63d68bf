package orgservice

import (
	"reflect"
	"testing"

	orgv2 "github.com/signet-iam/signet/api/gen/signet/org/v2"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/query"
	queries "github.com/signet-iam/signet/query/organization"
)

func TestFilters(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		q    *orgv2.SearchQuery
		want queries.Filter
	}{
		"name": {
			&orgv2.SearchQuery{Query: &orgv2.SearchQuery_NameQuery{NameQuery: &orgv2.OrganizationNameQuery{Name: "n", Method: 4}}},
			queries.NameIs{Method: query.Contains, Value: "n"},
		},
		"domain": {
			&orgv2.SearchQuery{Query: &orgv2.SearchQuery_DomainQuery{DomainQuery: &orgv2.OrganizationDomainQuery{Domain: "d", Method: 1}}},
			queries.HasDomain{Method: query.EqualsIgnoreCase, Value: "d"},
		},
		"state": {
			&orgv2.SearchQuery{Query: &orgv2.SearchQuery_StateQuery{StateQuery: &orgv2.OrganizationStateQuery{State: 2}}},
			queries.StateIs(queries.StateInactive),
		},
		"id":      {&orgv2.SearchQuery{Query: &orgv2.SearchQuery_IdQuery{IdQuery: &orgv2.OrganizationIDQuery{Id: "o"}}}, queries.InIDs{"o"}},
		"default": {&orgv2.SearchQuery{Query: &orgv2.SearchQuery_DefaultQuery{}}, queries.IsDefault{}},
		"open":    {&orgv2.SearchQuery{}, nil},
		"none":    {nil, nil},
	} {
		if got := filter(c.q); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %#v", name, got)
		}
	}
}

func TestColumnsOfNewerClients(t *testing.T) {
	t.Parallel()
	if column(99) != queries.ByID || column(-1) != queries.ByID || column(2) != queries.ByCreation {
		t.Error("columns of organizations")
	}
	if domainColumn(99) != queries.DomainUnsorted || domainColumn(1) != queries.DomainByName {
		t.Error("columns of domains")
	}
}

func TestAdmins(t *testing.T) {
	t.Parallel()
	existing := admin(&orgv2.AddOrganizationRequest_Admin{
		UserType: &orgv2.AddOrganizationRequest_Admin_UserId{UserId: "u"}, Roles: []string{"ORG_OWNER"},
	})
	if existing.UserID != "u" || existing.Human != nil || len(existing.Roles) != 1 {
		t.Errorf("%+v", existing)
	}
	fresh := admin(&orgv2.AddOrganizationRequest_Admin{UserType: &orgv2.AddOrganizationRequest_Admin_Human{Human: &userv2.AddHumanUserRequest{
		Profile: &userv2.SetHumanProfile{GivenName: "Ada"}, Email: &userv2.SetHumanEmail{Email: "ada@example.com"},
	}}})
	if fresh.UserID != "" || fresh.Human == nil || fresh.Human.Profile.GivenName != "Ada" || fresh.Human.Email.Address != "ada@example.com" {
		t.Errorf("%+v", fresh)
	}
	if nobody := admin(&orgv2.AddOrganizationRequest_Admin{}); nobody.UserID != "" || nobody.Human != nil {
		t.Errorf("%+v", nobody)
	}
}
