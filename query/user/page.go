package user

import (
	"cmp"
	"math"
)

// Page says which part of a list to return. The zero value asks for the beginning of a descending list.
type Page struct {
	Offset    uint64
	Limit     uint32 // DefaultLimit when zero; at most MaxLimit
	Ascending bool
}

// Applied is the limit that is in force.
func (p Page) Applied() int { return cmp.Or(int(p.Limit), DefaultLimit) }

func (p Page) check() error {
	switch {
	case p.Limit > MaxLimit:
		return errLimit
	case p.Offset > math.MaxInt64/2:
		return errOffset
	}
	return nil
}

// direction is how SQL sorts the page.
func (p Page) direction() string {
	if p.Ascending {
		return " asc"
	}
	return " desc"
}
