package organizations

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/projection"
)

const (
	// A domain that is there already, which no command leads to, stays as it is.
	insertDomain = `
insert into %s (` + domainColumns + `)
values ($1, $2, $3, false, false, 0, $4, $5, $5)
on conflict do nothing`

	askProof = `
update %s set proof = $4, changed_at = $5
 where tenant = $1 and organization_id = $2 and domain = $3`

	verifyDomain = `
update %s set verified = true, changed_at = $4
 where tenant = $1 and organization_id = $2 and domain = $3`

	setPrimary = `
update %s set is_primary = (domain = $3), changed_at = case when domain = $3 then $4 else changed_at end
 where tenant = $1 and organization_id = $2 and is_primary <> (domain = $3)`

	deleteDomain = `delete from %s where tenant = $1 and organization_id = $2 and domain = $3`

	// A value that is replaced keeps its place in the order of creation.
	upsertMetadata = `
insert into %s (` + metadataColumns + `)
values ($1, $2, $3, $4, $5, $6, $7, $7)
on conflict (tenant, organization_id, key) do update set value = excluded.value, changed_at = excluded.changed_at`

	deleteMetadata = `delete from %s where tenant = $1 and organization_id = $2 and key = $3`

	deleteAll = `delete from %s where tenant = $1 and organization_id = $2`
)

// statement changes a row of a child table.
type statement struct {
	sql  string
	args []any
}

// belongings returns what an event does to the domains and metadata of an organization that exists: statements in their order. There
// are few such events, and none of them needs to know the rows.
func (f *fold) belongings(msg proto.Message, ev *eventstore.Event) ([]statement, error) {
	domains, metadata := domainsTable(f.generation), metadataTable(f.generation)
	on := func(sql, table string, further ...any) statement {
		return statement{fmt.Sprintf(sql, table), append([]any{ev.Stream.Tenant, ev.Stream.ID}, further...)}
	}
	one := func(text string, s statement) ([]statement, error) {
		if projection.HasNulls(text) {
			return nil, projection.ErrHasNulls
		}
		return []statement{s}, nil
	}
	at := ev.RecordedAt
	switch m := msg.(type) {
	case *eventv1.OrganizationDomainAdded:
		return one(m.GetDomain(), on(insertDomain, domains, m.GetDomain(), int64(ev.Position), at))
	case *eventv1.OrganizationDomainProofSet:
		return one(m.GetDomain(), on(askProof, domains, m.GetDomain(), int16(m.GetProof()), at))
	case *eventv1.OrganizationDomainVerified:
		return one(m.GetDomain(), on(verifyDomain, domains, m.GetDomain(), at))
	case *eventv1.OrganizationDomainPrimarySet:
		return one(m.GetDomain(), on(setPrimary, domains, m.GetDomain(), at))
	case *eventv1.OrganizationDomainRemoved:
		return one(m.GetDomain(), on(deleteDomain, domains, m.GetDomain()))
	case *eventv1.OrganizationMetadataSet:
		value := append([]byte{}, m.GetValue()...)
		return one(m.GetKey(), on(upsertMetadata, metadata, m.GetKey(), strings.ToLower(m.GetKey()), value, int64(ev.Position), at))
	case *eventv1.OrganizationMetadataRemoved:
		return one(m.GetKey(), on(deleteMetadata, metadata, m.GetKey()))
	case *eventv1.OrganizationRemoved:
		return []statement{on(deleteAll, domains), on(deleteAll, metadata)}, nil
	}
	return nil, nil
}

// weight is about how many rows a statement takes in memory.
func (s *statement) weight() int {
	size := 0
	for _, arg := range s.args {
		if value, is := arg.([]byte); is {
			size += len(value)
		}
	}
	return 1 + size/rowSize
}
