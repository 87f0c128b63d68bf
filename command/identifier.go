package command

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxID bounds the id of a stream, in bytes. It is the log's own limit.
const MaxID = 200

// ValidID reports whether the log can hold a stream of this id. Ids that begin with "#" are the platform's own: data keys
// that belong to no person live under such names.
func ValidID(id string) bool {
	return id != "" && len(id) <= MaxID && id[0] != '#' && utf8.ValidString(id) && !strings.ContainsFunc(id, unicode.IsControl)
}

// storable cuts s to at most limit bytes of text that Postgres takes.
func storable(s string, limit int) string {
	if len(s) > limit {
		s = s[:limit]
	}
	s = strings.ToValidUTF8(s, "")
	if strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(s, "\x00", "")
}
