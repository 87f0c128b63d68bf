package apply

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Action is what a change does.
type Action byte

// What changes do, as a plan writes it.
const (
	Create Action = '+'
	Update Action = '~'
	Remove Action = '-'
)

// FieldChange is a field that gets another value. Texts are canonical; Change.String shortens them.
type FieldChange struct {
	Path, From, To string
}

// Change is one step that the server takes as a whole or refuses, apart from making what is created.
type Change struct {
	Action Action
	Key    Key
	Fields []FieldChange // by path
	// Secrets to write along.
	Secrets Fields
}

// String is a line of a plan. It is safe to print and holds no secret.
func (c Change) String() string {
	line := string(c.Action) + " " + c.Key.String()
	parts := make([]string, 0, len(c.Fields)+1)
	for _, f := range c.Fields {
		if c.Action == Create {
			parts = append(parts, f.Path+" "+shownValue(f.To))
		} else {
			parts = append(parts, f.Path+" "+shownValue(f.From)+" -> "+shownValue(f.To))
		}
	}
	if len(c.Secrets) > 0 {
		parts = append(parts, "secrets written: "+strings.Join(slices.Sorted(maps.Keys(c.Secrets)), ", "))
	}
	if len(parts) == 0 {
		return line
	}
	return line + ": " + strings.Join(parts, ", ")
}

// to returns the values that the change sets.
func (c Change) to() Fields {
	out := make(Fields, len(c.Fields))
	for _, f := range c.Fields {
		out[f.Path] = f.To
	}
	return out
}

// without returns the change but for some fields.
func (c Change) without(paths ...string) Change {
	c.Fields = slices.DeleteFunc(slices.Clone(c.Fields), func(f FieldChange) bool { return slices.Contains(paths, f.Path) })
	return c
}

// Options of a comparison.
type Options struct {
	// RotateSecrets writes the secrets of things that are otherwise as they should be, too.
	RotateSecrets bool
}

// Diff returns the changes that bring actual to desired, in the order in which they can be made. It is an error of type [Mistakes]
// when files want what cannot be: something that stands on nothing, or another organization for what has one.
func Diff(actual, desired State, o Options) ([]Change, error) {
	if err := check(actual, desired); err != nil {
		return nil, err
	}
	var come, leave, off []Change
	for _, key := range slices.SortedFunc(maps.Keys(desired), compare) {
		want, have := desired[key], actual[key]
		switch {
		case want.Absent:
			if have != nil {
				leave = append(leave, Change{Action: Remove, Key: key})
			}
		case have == nil:
			c := Change{Action: Create, Key: key, Fields: changed(Fields{fieldState: stateActive}, want.Fields), Secrets: want.Secrets}
			come, off = divide(come, off, c)
		default:
			c := Change{Action: Update, Key: key, Fields: changed(have.Fields, want.Fields)}
			if len(c.Fields) > 0 || o.RotateSecrets {
				c.Secrets = want.Secrets
			}
			come, off = divide(come, off, c)
		}
	}
	slices.Reverse(leave)
	slices.Reverse(off)
	return slices.Concat(come, leave, off), nil
}

// divide puts what a change does at once to come and that it switches something off to off: what hangs on that may still have to
// change, and who makes the changes may be among those who are shut out.
func divide(come, off []Change, c Change) (_, _ []Change) {
	i := slices.IndexFunc(c.Fields, func(f FieldChange) bool { return f.Path == fieldState && f.To == stateInactive })
	if i >= 0 {
		off = append(off, Change{Action: Update, Key: c.Key, Fields: c.Fields[i : i+1 : i+1]})
		c = c.without(fieldState)
	}
	if c.Action == Create || len(c.Fields) > 0 || len(c.Secrets) > 0 {
		come = append(come, c)
	}
	return come, off
}

// changed returns the fields of want that have has otherwise.
func changed(have, want Fields) []FieldChange {
	var out []FieldChange
	for _, path := range slices.Sorted(maps.Keys(want)) {
		if from, ok := have[path]; !ok || from != want[path] {
			out = append(out, FieldChange{Path: path, From: from, To: want[path]})
		}
	}
	return out
}

// check finds what is wanted and cannot be.
func check(actual, desired State) error {
	var found Mistakes
	for _, key := range slices.SortedFunc(maps.Keys(desired), compare) {
		want := desired[key]
		if want.Absent {
			continue
		}
		for _, need := range want.Needs {
			if _, named := desired[need]; !named && actual[need] == nil {
				found.add(want.At, "%s needs %s, which neither the files nor the server have", key, need)
			}
		}
		if have := actual[key]; have != nil && want.Fields[fieldOrganization] != have.Fields[fieldOrganization] {
			found.add(want.At, "%s belongs to organization %s and cannot move to %s", key,
				shown(have.Fields[fieldOrganization]), shown(want.Fields[fieldOrganization]))
		}
	}
	return found.err()
}

const maxShown = 80 // characters of a value in a plan

// shown writes a name for people: no control characters, nothing endless, quoted where its end would not be seen.
func shown(text string) string {
	if utf8.RuneCountInString(text) > maxShown {
		return fmt.Sprintf("(%d bytes)", len(text))
	}
	if strings.ContainsFunc(text, func(r rune) bool {
		return !unicode.IsGraphic(r) || unicode.IsSpace(r) || strings.ContainsRune(`"\,:`, r)
	}) {
		return strconv.Quote(text)
	}
	return text
}

// shownValue writes the text of a field for people.
func shownValue(text string) string {
	if text == "" {
		return `""`
	}
	if !strings.HasPrefix(text, "[") || !json.Valid([]byte(text)) {
		return shown(text)
	}
	items := itemsOf(text)
	for i, item := range items {
		items[i] = shownValue(item)
	}
	return "[" + strings.Join(items, ", ") + "]"
}
