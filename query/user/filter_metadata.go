package user

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
	if f.Method >= methodCount {
		return errUnknownField
	}
	if !validText(f.Value) {
		return errInvalidText
	}
	return t.node(depth)
}

func (f MetadataValue) check(t *tally, depth int) error {
	if len(f.Value) > MaxText {
		return errInvalidText
	}
	return t.node(depth)
}

func (f MetadataKey) write(b *builder, negated bool) {
	b.hasMetadata(negated, func() {
		Text{Method: f.Method, Value: f.Value}.compare(b, column{exact: "m.key", lower: "m.key_lower"})
	})
}

func (f MetadataValue) write(b *builder, negated bool) {
	b.hasMetadata(negated, func() {
		b.write("m.value ", sign(f.Other), " ", b.bind([]byte(f.Value)))
	})
}

// hasMetadata writes that a user has an entry of which what entry writes is true.
func (b *builder) hasMetadata(negated bool, entry func()) {
	if negated {
		b.write("not ")
	}
	b.write("exists (select from projection.users_metadata m where m.tenant = u.tenant and m.user_id = u.id and ")
	entry()
	b.write(")")
}
