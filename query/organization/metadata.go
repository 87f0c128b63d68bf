package organization

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/query"
)

// Metadata is a value that somebody keeps with an organization.
type Metadata struct {
	Key                  string
	Value                []byte
	CreatedAt, ChangedAt time.Time
}

// KeyIs is a condition on the key of metadata.
type KeyIs struct {
	Method query.TextMethod
	Value  string
}

// MetadataRequest says which metadata of an organization to list. All filters must hold.
type MetadataRequest struct {
	Organization string
	Filters      []KeyIs
	Page         query.Page
	Consistency  query.Consistency
}

// MetadataList is a page of the metadata of one organization.
type MetadataList struct {
	Metadata []Metadata
	Total    uint64 // that match, on all pages
	query.Reflected
}

// Metadata returns a page of an organization's metadata by the time of its creation. It refuses as Get does, and a page and
// filters as List does.
func (q *Queries) Metadata(ctx context.Context, viewer query.Viewer, r MetadataRequest) (MetadataList, error) {
	where := ofOne(viewer, r.Organization)
	if err := query.Where(where, r.Filters, KeyIs.write); err != nil {
		return MetadataList{}, err
	}
	s := belongings{
		sql: sqlMetadata, order: r.Page.Order("m.created_at", "m.position", "m.key"), page: r.Page, where: where,
		prepared: len(r.Filters) <= preparedFilters,
	}
	o := one{id: r.Organization, consistency: r.Consistency}
	var list MetadataList
	err := q.belongings(ctx, viewer, &o, s, func(rows pgx.Rows) (err error) {
		list, err = scanMetadata(rows, &o, r.Page.Applied())
		return err
	})
	if err != nil {
		return MetadataList{}, err
	}
	list.Reflected = o.reflected()
	return list, nil
}

func scanMetadata(rows pgx.Rows, o *one, limit int) (list MetadataList, err error) {
	for rows.Next() {
		var (
			m                Metadata
			key              *string
			created, changed *time.Time
		)
		if err := rows.Scan(append(o.fields(), &list.Total, &key, &m.Value, &created, &changed)...); err != nil {
			return MetadataList{}, err
		}
		if key != nil && len(list.Metadata) < limit { // the outer join found one, in a class of page sizes
			m.Key, m.CreatedAt, m.ChangedAt = *key, created.UTC(), changed.UTC()
			list.Metadata = append(list.Metadata, m)
		}
	}
	return list, rows.Err()
}
