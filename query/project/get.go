package project

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/query"
)

// Get returns one project, as its owner has it where the viewer may see that, otherwise as it was granted.
//
// It refuses with permission_denied when the viewer may not read this project, with not_found when there is none and the viewer
// could read it if there were, with invalid_argument for what cannot be an id, and with unavailable (query.ErrBehind) when a read
// model does not catch up in time.
func (q *Queries) Get(ctx context.Context, viewer query.ProjectViewer, id string, c query.Consistency) (Project, error) {
	if !query.ValidID(id) {
		return Project{}, errInvalidID
	}
	may := scopeOf(viewer, query.ProjectRead)
	var found row
	read := func(ctx context.Context) (query.Versions, error) {
		var err error
		found, err = q.byID(ctx, viewer.TenantID(), id, may.of(id))
		if err != nil {
			return query.Versions{}, query.Fault("read a project", err)
		}
		return query.Versions{Row: found.Version, Stream: found.stream}, found.readable(&may, id)
	}
	if err := q.projects.One(ctx, c, read); err != nil {
		return Project{}, err
	}
	owned := may.owner(id, found.owner)
	if !owned {
		if err := q.freshNames(ctx, c, &found, read); err != nil {
			return Project{}, err
		}
	}
	switch {
	case found.Version == 0: // to a reader who does not wait
		return Project{}, missing(owned)
	case owned:
		found.Granted = Granted{}
	case found.Granted.Organization == "":
		return Project{}, query.ErrDenied
	}
	return found.Project, nil
}

// freshNames reads again when the read model of organizations is behind. What found holds serves as the first look.
func (q *Queries) freshNames(
	ctx context.Context, c query.Consistency, found *row, read func(context.Context) (query.Versions, error),
) error {
	looked := c.MinPosition == 0
	return q.names.One(ctx, c, func(ctx context.Context) (query.Versions, error) {
		if !looked {
			if _, err := read(ctx); err != nil {
				return query.Versions{}, err
			}
		}
		looked = false
		return found.to, nil
	})
}

// missing is what a viewer hears of a project that is not there: who may read what its owner has may know.
func missing(owned bool) error {
	if owned {
		return ErrNotFound
	}
	return query.ErrDenied
}

// row is a project with what the log says about its stream and those of the organizations it stands on.
type row struct {
	Project

	owner  string // as the stream knows it even before the read model does
	stream uint64 // version; 0 when there is none
	ended  bool   // by itself or with its owner
	to     query.Versions
}

// readable refuses at once where nothing that the read model could still learn matters.
func (r *row) readable(may *scope, id string) error {
	owned := may.owner(id, r.owner)
	switch {
	case r.stream == 0 || r.ended:
		return missing(owned)
	case !owned && len(may.of(id)) == 0:
		return query.ErrDenied
	}
	return nil
}

func (q *Queries) byID(ctx context.Context, tenant, id string, grantees []string) (row, error) {
	var r row
	var removed, ended bool
	err := r.scan(q.pool.QueryRow(ctx, sqlByID, tenant, id, grantees), &r.owner, &r.stream, &removed, &ended, &r.to.Stream, &r.to.Row)
	if errors.Is(err, pgx.ErrNoRows) {
		return row{}, nil
	}
	r.ended = removed || ended
	return r, err
}

// scan takes what comes before the columns, who the project was granted to, and the columns.
func (p *Project) scan(from pgx.Row, before ...any) error {
	err := from.Scan(append(before, &p.Granted.Organization, &p.Granted.Name, &p.Granted.State,
		&p.ID, &p.Organization, &p.Version, &p.Position, &p.Name, &p.State, &p.RoleAssertion, &p.AuthorizationRequired,
		&p.AccessRequired, &p.Labeling, &p.CreatedAt, &p.ChangedAt)...)
	p.CreatedAt, p.ChangedAt = p.CreatedAt.UTC(), p.ChangedAt.UTC()
	return err
}
