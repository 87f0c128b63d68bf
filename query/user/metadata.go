package user

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/query"
)

// Metadata is a value that somebody keeps with a user.
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

// MetadataRequest says which metadata of a user to list. All filters must hold.
type MetadataRequest struct {
	UserID      string
	Filters     []KeyIs
	Page        query.Page
	Consistency query.Consistency
}

// MetadataList is a page of the metadata of one user.
type MetadataList struct {
	Metadata []Metadata
	Total    uint64 // that match, on all pages

	Organization string // of the user
	Version      uint64 // of the user
	query.Reflected
}

// Metadata returns a page of a user's metadata by the time of its creation. It refuses as Passkeys does, and a page and
// filters as List does.
func (q *Queries) Metadata(ctx context.Context, viewer query.Viewer, r MetadataRequest) (MetadataList, error) {
	sql, args, err := r.statement(viewer)
	if err != nil {
		return MetadataList{}, err
	}
	if len(r.Filters) > preparedNodes {
		args = append([]any{pgx.QueryExecModeDescribeExec}, args...)
	}
	var list MetadataList
	o := owner{id: r.UserID, consistency: r.Consistency}
	reflected, err := q.ofUser(ctx, viewer, o, func(ctx context.Context) (a account, err error) {
		rows, err := q.pool.Query(ctx, sql, args...)
		if err != nil {
			return account{}, err
		}
		a, list, err = scanMetadata(rows, r.Page.Applied())
		return a, err
	})
	if err != nil {
		return MetadataList{}, err
	}
	list.Reflected = reflected
	return list, nil
}

// MetadataUnder returns what is kept with a user under one key, alone in the list. It refuses as Metadata does, and with not_found
// (ErrMetadataNotFound) where there is nothing.
func (q *Queries) MetadataUnder(ctx context.Context, viewer query.Viewer, id, key string, c query.Consistency) (MetadataList, error) {
	list, err := q.Metadata(ctx, viewer, MetadataRequest{UserID: id, Filters: []KeyIs{{query.Equals, key}}, Consistency: c})
	if err == nil && len(list.Metadata) == 0 {
		err = ErrMetadataNotFound
	}
	if err != nil {
		return MetadataList{}, err
	}
	return list, nil
}

func (r MetadataRequest) statement(viewer query.Viewer) (sql string, args []any, err error) {
	if err := r.Page.Check(); err != nil {
		return "", nil, err
	}
	if len(r.Filters) > MaxNodes {
		return "", nil, errTooManyNodes
	}
	where := query.NewConditions(viewer.TenantID(), r.UserID)
	for _, f := range r.Filters {
		if err := f.check(); err != nil {
			return "", nil, err
		}
		where.Write(" and ")
		f.write(where)
	}
	condition := where.Cut()
	s := r.Page.Statements(where)
	limit := s.Cut()
	return fmt.Sprintf(sqlMetadata, condition, r.Page.Order("m.created_at", "m.position"), limit), s.RowsArgs, nil
}

func (f KeyIs) check() error {
	switch {
	case !f.Method.Known():
		return query.ErrUnknownField
	case !query.ValidText(f.Value):
		return query.ErrInvalidText
	}
	return nil
}

func (f KeyIs) write(where *query.Conditions) {
	Text{Method: f.Method, Value: f.Value}.compare(where, column{exact: "m.key", lower: "m.key_lower"})
}

func scanMetadata(rows pgx.Rows, limit int) (a account, list MetadataList, err error) {
	defer rows.Close()
	for rows.Next() {
		var (
			m                Metadata
			key              *string
			created, changed *time.Time
		)
		into := append(a.fields(), &list.Total, &key, &m.Value, &created, &changed)
		if err := rows.Scan(into...); err != nil {
			return account{}, MetadataList{}, err
		}
		if key != nil && len(list.Metadata) < limit { // the outer join found one, in a class of page sizes
			m.Key, m.CreatedAt, m.ChangedAt = *key, created.UTC(), changed.UTC()
			list.Metadata = append(list.Metadata, m)
		}
	}
	list.Organization, list.Version = a.owner, a.row
	return a, list, rows.Err()
}
