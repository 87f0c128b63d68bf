package apply

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// model is an installation in memory: what the server makes of a change, as far as it matters here.
type model struct{ State }

// change makes a change as the server would, or refuses it.
func (m model) change(c Change) error {
	have := m.State[c.Key]
	if (have == nil) != (c.Action == Create) {
		return fmt.Errorf("%s: it is there: %t", c, have != nil)
	}
	if c.Action == Remove {
		m.remove(c.Key)
		return nil
	}
	if c.Action == Create {
		have = &Thing{Fields: make(Fields), Needs: needsOf(c.Key, c.to())}
		if slices.Contains(switchable, c.Key.Kind) {
			have.Fields[fieldState] = stateActive
		}
	}
	maps.Copy(have.Fields, c.to())
	have.Needs = needsOf(c.Key, have.Fields)
	for _, need := range have.Needs {
		if m.State[need] == nil {
			return fmt.Errorf("%s: there is no %s", c, need)
		}
	}
	m.State[c.Key] = have
	return nil
}

// remove ends something and what stands on it. A role goes from the lists that name it.
func (m model) remove(key Key) {
	delete(m.State, key)
	for other, t := range m.State {
		switch {
		case !slices.Contains(t.Needs, key):
		case key.Kind == Role:
			t.Fields[fieldRoles] = setText(slices.DeleteFunc(itemsOf(t.Fields[fieldRoles]), func(r string) bool { return r == key.ID }))
			t.Needs = needsOf(other, t.Fields)
		default:
			m.remove(other)
		}
	}
}

func (m model) clone() model {
	out := model{make(State)}
	for key, t := range m.State {
		out.State[key] = &Thing{Fields: maps.Clone(t.Fields), Needs: slices.Clone(t.Needs)}
	}
	return out
}

var switchable = []Kind{Organization, Project, Grant, Machine, Authorization}

// needsOf is what something stands on.
func needsOf(key Key, fields Fields) []Key {
	var needs []Key
	need := func(k Key) {
		if k.ID != "" {
			needs = append(needs, k)
		}
	}
	need(Key{Kind: Organization, ID: key.Organization})
	need(Key{Kind: Organization, ID: fields[fieldOrganization]})
	need(Key{Kind: Project, ID: key.Project})
	need(Key{Kind: Machine, ID: key.User})
	if key.Kind == Grant || key.Kind == Authorization {
		for _, role := range itemsOf(fields[fieldRoles]) {
			need(Key{Kind: Role, ID: role, Project: key.Project})
		}
	}
	return needs
}

// drawKey draws something of a small world.
func drawKey(t *rapid.T) Key {
	pick := func(what string, from ...string) string { return rapid.SampledFrom(from).Draw(t, what) }
	organization, project, user, role := pick("organization", "a", "b", "c"), pick("project", "p", "q"), pick("user", "m", "n"), pick("role", "r", "s")
	switch kind := rapid.SampledFrom([]Kind{Organization, Policy, Project, Role, Grant, Provider, Machine, Membership, Authorization}).Draw(t, "kind"); kind {
	case Policy, Provider:
		return Key{Kind: kind, ID: pick("name", "x", "y"), Organization: pick("owner", "", organization)}
	case Project:
		return Key{Kind: kind, ID: project}
	case Role:
		return Key{Kind: kind, ID: role, Project: project}
	case Grant:
		return Key{Kind: kind, Project: project, Organization: organization}
	case Machine:
		return Key{Kind: kind, ID: user}
	case Membership:
		return Key{Kind: kind, User: user, Organization: pick("on", "", organization), Project: pick("at", "", project)}
	case Authorization:
		return Key{Kind: kind, User: user, Project: project, Organization: organization}
	default:
		return Key{Kind: Organization, ID: organization}
	}
}

// drawFields draws values of something. Files write only some of them.
func drawFields(t *rapid.T, key Key, all bool) Fields {
	fields := make(Fields)
	maybe := func(path string, values ...string) {
		if all || rapid.Bool().Draw(t, "write "+path) {
			fields[path] = rapid.SampledFrom(values).Draw(t, path)
		}
	}
	maybe("name", "one", "two", "")
	if slices.Contains(switchable, key.Kind) {
		maybe(fieldState, stateActive, stateInactive)
	}
	switch key.Kind {
	case Project, Machine:
		fields[fieldOrganization] = rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "of")
	case Grant, Membership, Authorization:
		fields[fieldRoles] = rapid.SampledFrom([]string{"[]", `["r"]`, `["s"]`, `["r","s"]`}).Draw(t, fieldRoles)
	}
	return fields
}

// drawActual draws an installation in which everything stands on something.
func drawActual(t *rapid.T) model {
	m := model{make(State)}
	for range rapid.IntRange(0, 60).Draw(t, "things there") {
		key := drawKey(t)
		m.State[key] = &Thing{Fields: drawFields(t, key, true)}
		m.State[key].Needs = needsOf(key, m.State[key].Fields)
	}
	settle(m.State, nil)
	return m
}

// drawDesired draws what files may want of an installation.
func drawDesired(t *rapid.T, actual model) State {
	desired := make(State)
	for range rapid.IntRange(0, 60).Draw(t, "things wanted") {
		key := drawKey(t)
		if rapid.IntRange(0, 3).Draw(t, "absent") == 0 {
			desired[key] = gone()
			continue
		}
		fields := drawFields(t, key, false)
		if have := actual.State[key]; have != nil && have.Fields[fieldOrganization] != "" {
			fields[fieldOrganization] = have.Fields[fieldOrganization]
		}
		desired[key] = has(fields, needsOf(key, fields)...)
	}
	settle(desired, actual.State)
	return desired
}

// settle takes out what stands on nothing, until everything stands.
func settle(things, below State) {
	for again := true; again; {
		again = false
		maps.DeleteFunc(things, func(_ Key, t *Thing) bool {
			falls := slices.ContainsFunc(t.Needs, func(need Key) bool {
				if named := things[need]; named != nil {
					return named.Absent
				}
				return below[need] == nil || slices.ContainsFunc(below[need].Needs, func(deeper Key) bool {
					return things[deeper] != nil && things[deeper].Absent
				})
			})
			again = again || falls
			return falls
		})
	}
}

// TestChangesBringTheServerToTheFiles: whatever is there and whatever is wanted, the changes can be made in their order, afterwards
// everything is as the files say and nothing else changed, and there is nothing left to do.
func TestChangesBringTheServerToTheFiles(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before := drawActual(t)
		desired := drawDesired(t, before)
		changes, err := Diff(before.State, desired, Options{})
		if err != nil {
			t.Fatal(err)
		}
		after := before.clone()
		for _, c := range changes {
			if err := after.change(c); err != nil {
				t.Fatal(err)
			}
		}
		for key, want := range desired {
			have := after.State[key]
			if want.Absent != (have == nil) {
				t.Fatalf("%s is there: %t", key, have != nil)
			}
			if have != nil && len(changed(have.Fields, want.Fields)) > 0 {
				t.Fatalf("%s is %v, wanted %v", key, have.Fields, want.Fields)
			}
		}
		if left, err := Diff(after.State, desired, Options{}); err != nil || len(left) > 0 {
			t.Fatalf("left to do: %v %v", left, err)
		}
		unnamedStay(t, before, after, desired)
	})
}

// unnamedStay demands that what no file names is as it was, unless it stood on what was removed.
func unnamedStay(t *rapid.T, before, after model, desired State) {
	expected := before.clone()
	for key, want := range desired {
		if want.Absent && expected.State[key] != nil {
			expected.remove(key)
		}
	}
	for key, want := range expected.State {
		if desired[key] != nil {
			continue
		}
		if have := after.State[key]; have == nil || !maps.Equal(have.Fields, want.Fields) {
			t.Fatalf("%s changed, and no file names it", key)
		}
	}
}

// TestNothingToDoWhereEverythingIsAsWanted compares a state with itself.
func TestNothingToDoWhereEverythingIsAsWanted(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := drawActual(t)
		if changes, err := Diff(m.State, m.State, Options{}); err != nil || len(changes) > 0 {
			t.Fatalf("%v %v", changes, err)
		}
	})
}
