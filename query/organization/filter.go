package organization

import (
	"strings"

	"github.com/signet-iam/signet/query"
)

// Filter is a condition on organizations: NameIs, HasDomain, StateIs, InIDs or IsDefault.
type Filter interface {
	write(where *query.Conditions) error
}

type (
	// NameIs compares the name.
	NameIs struct {
		Method query.TextMethod
		Value  string
	}
	// HasDomain holds for organizations that hold a verified domain that compares so.
	HasDomain struct {
		Method query.TextMethod
		Value  string
	}
	// StateIs holds for organizations in this state; for none if it is StateRemoved.
	StateIs State
	// InIDs holds for organizations with one of these ids.
	InIDs []string
	// IsDefault holds for the tenant's default organization.
	IsDefault struct{}
)

// scope narrows a list to what its viewer may read.
func scope(where *query.Conditions, viewer query.Viewer) {
	organizations, all := viewer.Organizations(query.OrganizationRead)
	if all {
		return
	}
	where.Write(" and (o.id = ", home, where.Bind(viewer.SubjectID()), ")")
	if len(organizations) > 0 {
		where.Write(" or o.id = any (", where.Bind(organizations), ")")
	}
	where.Write(")")
}

func (f NameIs) write(where *query.Conditions) error {
	return where.Text("o.name", "o.name_lower", f.Method, f.Value)
}

func (f HasDomain) write(where *query.Conditions) error {
	where.Write("exists (select from projection.organizations_domains d",
		" where d.tenant = o.tenant and d.organization_id = o.id and d.verified and ")
	err := DomainIs(f).write(where)
	where.Write(")")
	return err
}

func (f StateIs) write(where *query.Conditions) error {
	where.Write("o.state = ", where.Bind(int16(f)))
	return nil
}

func (f InIDs) write(where *query.Conditions) error { return where.Amongst("o.id", f) }

func (IsDefault) write(where *query.Conditions) error {
	where.Write("o.is_default")
	return nil
}

// Domains are stored in lower case.
func (f DomainIs) write(where *query.Conditions) error {
	return where.Text("d.domain", "d.domain", f.Method, strings.ToLower(f.Value))
}

func (f KeyIs) write(where *query.Conditions) error {
	return where.Text("m.key", "m.key_lower", f.Method, f.Value)
}
