package query

import "strings"

// TextMethod is a way to compare texts. The numbers are those of the wire.
type TextMethod uint8

// The methods. Those that do not ignore case are case-sensitive.
const (
	Equals TextMethod = iota
	EqualsIgnoreCase
	StartsWith
	StartsWithIgnoreCase
	Contains
	ContainsIgnoreCase
	EndsWith
	EndsWithIgnoreCase
	textMethodEnd
)

// Known reports whether there is such a method.
func (m TextMethod) Known() bool { return m < textMethodEnd }

// Condition writes in SQL that a text compares so with value, which is taken literally. exact is the column of the text and lower that
// of its strings.ToLower; bind makes a value a parameter and returns its placeholder.
func (m TextMethod) Condition(exact, lower, value string, bind func(any) string) string {
	lowered := strings.ToLower(value)
	switch m {
	case EqualsIgnoreCase:
		return lower + " = " + bind(lowered)
	case StartsWith:
		return "starts_with(" + exact + ", " + bind(value) + ")"
	case StartsWithIgnoreCase:
		return "starts_with(" + lower + ", " + bind(lowered) + ")"
	case Contains:
		return "strpos(" + exact + ", " + bind(value) + ") > 0"
	case ContainsIgnoreCase:
		return "strpos(" + lower + ", " + bind(lowered) + ") > 0"
	case EndsWith:
		return exact + " like " + bind("%"+EscapeLike(value))
	case EndsWithIgnoreCase:
		return lower + " like " + bind("%"+EscapeLike(lowered))
	default:
		return exact + " = " + bind(value)
	}
}

// EscapeLike makes the special characters of LIKE stand for themselves.
func EscapeLike(value string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(value)
}
