package apply

import (
	"slices"
	"strings"
	"testing"
)

var (
	acme    = Key{Kind: Organization, ID: "acme"}
	partner = Key{Kind: Organization, ID: "partner"}
	web     = Key{Kind: Project, ID: "web"}
	admin   = Key{Kind: Role, ID: "admin", Project: "web"}
	granted = Key{Kind: Grant, Project: "web", Organization: "partner"}
	lockout = Key{Kind: Policy, ID: "lockout", Organization: "acme"}
	example = Key{Kind: Provider, ID: "Example", Organization: "acme"}
	robot   = Key{Kind: Machine, ID: "ci"}
	allowed = Key{Kind: Authorization, User: "ci", Project: "web", Organization: "partner"}
)

func has(fields Fields, needs ...Key) *Thing { return &Thing{Fields: fields, Needs: needs} }

func gone() *Thing { return &Thing{Absent: true} }

func TestDiff(t *testing.T) {
	t.Parallel()
	provider := &Thing{Fields: Fields{"oidc.client_id": "x"}, Secrets: Fields{"client_secret": "hunter2"}}
	for name, c := range map[string]struct {
		actual, desired State
		rotate          bool
		want            []string
	}{
		"what is there": {actual: State{acme: has(Fields{"name": "Acme", "state": "active"})}, desired: State{acme: has(Fields{"name": "Acme"})}},
		"what is gone":  {desired: State{acme: gone()}},
		"what is new comes before what stands on it": {
			desired: State{
				admin: has(Fields{"display_name": "Admin"}, web), acme: has(Fields{"name": "Acme", "state": "active"}),
				web: has(Fields{"name": "Web shop", "organization": "acme"}, acme), allowed: has(Fields{"roles": `["admin"]`}, web, admin, robot, partner),
				granted: has(Fields{"roles": `["admin"]`}, web, partner), partner: has(Fields{"name": "P"}),
				robot: has(Fields{"name": "CI", "organization": "acme"}, acme),
			},
			want: []string{
				"+ organization acme: name Acme", "+ organization partner: name P", `+ project web: name "Web shop", organization acme`,
				"+ role admin of project web: display_name Admin", "+ grant of project web to partner: roles [admin]",
				"+ machine user ci: name CI, organization acme", "+ authorization of ci for project web in partner: roles [admin]",
			},
		},
		"only what a file writes": {
			actual:  State{lockout: has(Fields{"max_password_attempts": "5", "max_otp_attempts": "7"})},
			desired: State{lockout: has(Fields{"max_password_attempts": "10"})},
			want:    []string{"~ policy lockout of acme: max_password_attempts 5 -> 10"},
		},
		"off comes after what hangs on it, and dependents go off first": {
			desired: State{
				acme: has(Fields{"name": "A"}), web: has(Fields{"name": "W", "organization": "acme", "state": "inactive"}),
				granted: has(Fields{"roles": "[]", "state": "inactive"}), allowed: has(Fields{"roles": "[]"}),
			},
			want: []string{
				"+ organization acme: name A", "+ project web: name W, organization acme", "+ grant of project web to partner: roles []",
				"+ authorization of ci for project web in partner: roles []",
				"~ grant of project web to partner: state active -> inactive", "~ project web: state active -> inactive",
			},
		},
		"on comes before what hangs on it": {
			actual:  State{granted: has(Fields{"state": "inactive"})},
			desired: State{granted: has(Fields{"state": "active"}), allowed: has(Fields{"roles": "[]"})},
			want: []string{
				"~ grant of project web to partner: state inactive -> active", "+ authorization of ci for project web in partner: roles []",
			},
		},
		"what goes goes after that, dependents first, and off is last": {
			actual:  State{acme: has(nil), web: has(nil), admin: has(nil), allowed: has(nil)},
			desired: State{acme: gone(), web: gone(), admin: gone(), allowed: gone(), partner: has(Fields{"name": "P", "state": "inactive"})},
			want: []string{
				"+ organization partner: name P", "- authorization of ci for project web in partner", "- role admin of project web", "- project web",
				"- organization acme", "~ organization partner: state active -> inactive",
			},
		},
		"a secret goes along with the new": {
			desired: State{example: provider}, want: []string{"+ identity provider Example of acme: oidc.client_id x, secrets written: client_secret"},
		},
		"a secret goes along with a change": {
			actual: State{example: has(Fields{"oidc.client_id": "old"})}, desired: State{example: provider},
			want: []string{"~ identity provider Example of acme: oidc.client_id old -> x, secrets written: client_secret"},
		},
		"a secret alone is not written": {actual: State{example: has(Fields{"oidc.client_id": "x"})}, desired: State{example: provider}},
		"unless it is to be rotated": {
			actual: State{example: has(Fields{"oidc.client_id": "x"})}, desired: State{example: provider}, rotate: true,
			want: []string{"~ identity provider Example of acme: secrets written: client_secret"},
		},
		"no line breaks out of a plan": {
			actual: State{acme: has(Fields{"name": ""})}, desired: State{acme: has(Fields{"name": "a\x1b[2J\n+ organization evil"})},
			want: []string{`~ organization acme: name "" -> "a\x1b[2J\n+ organization evil"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changes, err := Diff(c.actual, c.desired, Options{RotateSecrets: c.rotate})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, change := range changes {
				got = append(got, change.String())
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

func TestDiffRefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		actual, desired State
		want            string
	}{
		"stands on nothing": {
			nil, State{web: &Thing{Fields: Fields{"organization": "acme"}, Needs: []Key{acme}, At: Place{"a.yaml", 3}}},
			"a.yaml:3: project web needs organization acme, which neither the files nor the server have",
		},
		"moves": {
			State{web: has(Fields{"organization": "acme"})}, State{web: has(Fields{"organization": "partner"})},
			"project web belongs to organization acme and cannot move to partner",
		},
	} {
		if _, err := Diff(c.actual, c.desired, Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
