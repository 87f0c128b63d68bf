package user

import "github.com/signet-iam/signet/query"

type (
	// MetadataKey holds for users who have metadata under such a key.
	MetadataKey KeyIs
	// MetadataValue holds for users who have metadata with this value, or with Other any metadata with another.
	MetadataValue struct {
		Value string // bytes
		Other bool
	}
)

func (f MetadataKey) check(t *tally, depth int) error {
	if err := KeyIs(f).check(); err != nil {
		return err
	}
	return t.node(depth)
}

func (f MetadataValue) check(t *tally, depth int) error {
	if len(f.Value) > query.MaxText {
		return query.ErrInvalidText
	}
	return t.node(depth)
}

func (f MetadataKey) write(where *query.Conditions, negated bool) {
	hasMetadata(where, negated, func() {
		KeyIs(f).write(where)
	})
}

func (f MetadataValue) write(where *query.Conditions, negated bool) {
	hasMetadata(where, negated, func() {
		where.Write("m.value ", sign(f.Other), " ", where.Bind([]byte(f.Value)))
	})
}

// hasMetadata writes that a user has an entry of which what entry writes is true.
func hasMetadata(where *query.Conditions, negated bool, entry func()) {
	if negated {
		where.Write("not ")
	}
	where.Write("exists (select from projection.users_metadata m where m.tenant = u.tenant and m.user_id = u.id and ")
	entry()
	where.Write(")")
}
