package query

// Moment is a way to compare moments. The numbers are those of the wire.
type Moment uint8

// The ways to compare moments.
const (
	At Moment = iota
	After
	AtOrAfter
	Before
	AtOrBefore
	momentCount
)

// Operator returns the way as SQL writes it, false for a number that stands for none.
func (m Moment) Operator() (string, bool) {
	if m >= momentCount {
		return "", false
	}
	return [momentCount]string{" = ", " > ", " >= ", " < ", " <= "}[m], true
}
