package organization

import (
	"strconv"
	"strings"

	"github.com/signet-iam/signet/query"
)

// Filter is a condition on organizations: NameIs, HasDomain, StateIs, InIDs or IsDefault.
type Filter interface {
	write(b *builder) error
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

// builder writes the conditions of one list. Text that reaches sql comes from this package only; every value becomes a
// parameter.
type builder struct {
	sql    strings.Builder
	args   []any
	listed int
}

// bind makes a value the next parameter and returns its placeholder.
func (b *builder) bind(value any) string {
	b.args = append(b.args, value)
	return "$" + strconv.Itoa(len(b.args))
}

func (b *builder) write(parts ...string) {
	for _, p := range parts {
		b.sql.WriteString(p)
	}
}

// scope narrows a list to what its viewer may read.
func (b *builder) scope(viewer query.Viewer) {
	organizations, all := viewer.Organizations(query.OrganizationRead)
	if all {
		return
	}
	b.write(" and (o.id = ", home, b.bind(viewer.SubjectID()), ")")
	if len(organizations) > 0 {
		b.write(" or o.id = any (", b.bind(organizations), ")")
	}
	b.write(")")
}

// filters adds conditions that must all hold.
func (b *builder) filters(filters []Filter) error {
	if len(filters) > MaxFilters {
		return errTooMany
	}
	for _, f := range filters {
		if f == nil {
			return errNoCondition
		}
		b.write(" and ")
		if err := f.write(b); err != nil {
			return err
		}
	}
	return nil
}

func (f NameIs) write(b *builder) error { return b.text(f.Method, "o.name", "o.name_lower", f.Value) }

func (f HasDomain) write(b *builder) error {
	b.write("exists (select from projection.organizations_domains d",
		" where d.tenant = o.tenant and d.organization_id = o.id and d.verified and ")
	err := b.text(f.Method, "d.domain", "d.domain", strings.ToLower(f.Value))
	b.write(")")
	return err
}

func (f StateIs) write(b *builder) error {
	b.write("o.state = ", b.bind(int16(f)))
	return nil
}

func (f InIDs) write(b *builder) error {
	if b.listed += len(f); b.listed > MaxListed {
		return errTooManyListed
	}
	for _, id := range f {
		if !validText(id) {
			return errInvalidText
		}
	}
	b.write("o.id = any (", b.bind([]string(f)), ")")
	return nil
}

func (IsDefault) write(b *builder) error {
	b.write("o.is_default")
	return nil
}

// text compares a text of the read model.
func (b *builder) text(method query.TextMethod, exact, lower, value string) error {
	switch {
	case !validText(value):
		return errInvalidText
	case !method.Known():
		return errUnknownMethod
	}
	b.write("(", method.Condition(exact, lower, value, b.bind), ")")
	return nil
}

// validText reports whether Postgres can take a text and an index could hold it.
func validText(v string) bool { return len(v) <= MaxText && !strings.Contains(v, "\x00") }
