package apply

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// directory holds some files.
func directory(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func nothing(string) (string, bool) { return "", false }

func TestReadTurnsFilesIntoThings(t *testing.T) {
	t.Parallel()
	dir := directory(t, map[string]string{
		"10.yaml": "# no more than a remark\n---\nkind: Organization\nid: acme\nname: Acme\nstate: active\n",
		"20.yml": `
kind: Project
id: web
organization: acme
name: Web shop
authorization_required: true
roles: [{key: admin, display_name: Administrator}, {key: old, state: absent}]
grants: [{organization: partner, roles: [admin, admin]}]
---
kind: Policy
id: login
organization: acme
settings: {second_factors: [u2f, otp, totp], password_check_lifetime: 240h, passkeys_type: allowed}
---
kind: IdentityProvider
id: Example
settings: {oidc: {issuer: https://id.example.com, client_id: x, scopes: [openid, email]}}
credentials: {client_secret: "${env:SECRET}"}
---
kind: MachineUser
id: ci
organization: acme
name: CI
memberships: [{instance: true, roles: [IAM_OWNER_VIEWER]}, {project: web, organization: partner, state: absent}]
authorizations: [{project: web, organization: acme, roles: [admin], state: inactive}]
---
kind: Project
id: gone
state: absent
roles: [{key: admin}]
`,
		"30.txt":       "kind: Nothing",
		".hidden.yaml": "kind: Nothing",
	})
	got, err := Read(dir, func(name string) (string, bool) { return "the secret of " + name, name == "SECRET" })
	if err != nil {
		t.Fatal(err)
	}
	want := map[Key]Fields{
		{Kind: Organization, ID: "acme"}:                       {"name": "Acme", "state": "active"},
		{Kind: Project, ID: "web"}:                             {"name": "Web shop", "organization": "acme", "authorization_required": "true"},
		{Kind: Role, ID: "admin", Project: "web"}:              {"display_name": "Administrator"},
		{Kind: Role, ID: "old", Project: "web"}:                nil,
		{Kind: Grant, Project: "web", Organization: "partner"}: {"roles": `["admin"]`},
		{Kind: Policy, ID: "login", Organization: "acme"}: {
			"second_factors": `["totp","u2f"]`, "password_check_lifetime": "240h0m0s", "passkeys_type": "allowed",
		},
		{Kind: Provider, ID: "Example"}: {
			"oidc.issuer": "https://id.example.com", "oidc.client_id": "x", "oidc.scopes": `["openid","email"]`,
		},
		{Kind: Machine, ID: "ci"}:      {"name": "CI", "organization": "acme"},
		{Kind: Membership, User: "ci"}: {"roles": `["IAM_OWNER_VIEWER"]`},
		{Kind: Membership, User: "ci", Project: "web", Organization: "partner"}: nil,
		{Kind: Authorization, User: "ci", Project: "web", Organization: "acme"}: {"roles": `["admin"]`, "state": "inactive"},
		{Kind: Project, ID: "gone"}: nil,
	}
	for key, fields := range want {
		thing := got[key]
		if thing == nil {
			t.Errorf("%s is not there", key)
			continue
		}
		if thing.Absent != (fields == nil) || len(changed(thing.Fields, fields))+len(changed(fields, thing.Fields)) > 0 {
			t.Errorf("%s is %v, absent %t", key, thing.Fields, thing.Absent)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d things, not %d", len(got), len(want))
	}
	if secret := got[Key{Kind: Provider, ID: "Example"}].Secrets["client_secret"]; secret != "the secret of SECRET" {
		t.Errorf("the secret is %q", secret)
	}
}

func TestReadListsEveryMistake(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"not YAML":               {"kind: [", []string{"a.yaml:1: did not find expected node content"}},
		"no mapping":             {"- kind", []string{"a.yaml:1: fields with values"}},
		"no kind":                {"id: x", []string{"a.yaml:1: kind is missing"}},
		"unknown kind":           {"kind: Org", []string{"a.yaml:1: kind: one of IdentityProvider"}},
		"unknown field":          {"kind: Organization\nid: a\nname: A\ntitle: B", []string{"a.yaml:4: there is no field title here"}},
		"unknown nested field":   {"kind: Policy\nid: lockout\nsettings:\n  attempts: 3", []string{"a.yaml:4: there is no field attempts"}},
		"a field twice":          {"kind: Organization\nid: a\nname: A\nname: B", []string{"a.yaml:4: name is here twice"}},
		"a thing twice":          {"kind: Organization\nid: a\nname: A\n---\nkind: Organization\nid: a\nname: A", []string{"a.yaml:5: organization a is at a.yaml:1 already"}},
		"several at once":        {"kind: Organization\n---\nkind: Organization\nid: '#a'\nname: A", []string{"a.yaml:1: id is missing", "a.yaml:1: name is missing", "a.yaml:4: id: an id has"}},
		"unknown state":          {"kind: Organization\nid: a\nname: A\nstate: off", []string{"a.yaml:4: state: one of active, inactive, absent"}},
		"null":                   {"kind: Organization\nid: a\nname:", []string{"a.yaml:3: name: one value is expected"}},
		"empty name":             {"kind: Organization\nid: a\nname: ''", []string{"a.yaml:3: name: 1 to 200 characters"}},
		"no number":              {"kind: Policy\nid: lockout\nsettings: {max_otp_attempts: -1}", []string{"a.yaml:3: max_otp_attempts: a whole number"}},
		"no time":                {"kind: Policy\nid: login\nsettings: {password_check_lifetime: 10}", []string{"a.yaml:3: password_check_lifetime: a time such as"}},
		"no enum value":          {"kind: Policy\nid: login\nsettings: {second_factors: [sms]}", []string{"a.yaml:3: second_factors: one of unspecified, otp"}},
		"what writes ignore":     {"kind: Policy\nid: login\nsettings: {allow_local_authentication: true}", []string{"a.yaml:3: there is no field allow_local"}},
		"too long":               {"kind: Project\nid: p\nname: P\norganization: a\nroles: [{key: k, display_name: ''}]", []string{"a.yaml:5: display_name: "}},
		"too much below":         {"kind: IdentityProvider\nid: x\nsettings:\n  oidc:\n    client_id: ''", []string{"a.yaml:5: oidc.client_id: "}},
		"too many":               {"kind: Policy\nid: languages\nsettings: {allowed_languages: [en, en]}", []string{"a.yaml:3: allowed_languages: "}},
		"unknown policy":         {"kind: Policy\nid: lock\nsettings: {}", []string{"a.yaml:2: id: one of branding"}},
		"policy without":         {"kind: Policy\nid: lockout", []string{"a.yaml:1: settings is missing"}},
		"instance policy absent": {"kind: Policy\nid: lockout\nstate: absent", []string{"a.yaml:3: state: the instance always has"}},
		"security of one":        {"kind: Policy\nid: security\norganization: a\nsettings: {}", []string{"a.yaml:3: organization: only the instance"}},
		"a secret in a file":     {"kind: IdentityProvider\nid: x\nsettings: {}\ncredentials:\n  client_secret: hunter2", []string{"a.yaml:5: client_secret: secrets stand in no file"}},
		"a secret that is away":  {"kind: IdentityProvider\nid: x\nsettings: {}\ncredentials: {client_secret: '${env:X}'}", []string{"a.yaml:4: client_secret: the environment has no value for X"}},
		"a variable elsewhere":   {"kind: Organization\nid: a\nname: ${env:NAME}", []string{"a.yaml:3: name: only credentials"}},
		"membership on nothing":  {"kind: MachineUser\nid: m\norganization: a\nname: M\nmemberships:\n- roles: [X]", []string{"a.yaml:6: a membership is on"}},
		"membership on all":      {"kind: MachineUser\nid: m\norganization: a\nname: M\nmemberships:\n- {instance: true, project: p, roles: [X]}", []string{"a.yaml:6: a membership is on"}},
		"membership of nothing":  {"kind: MachineUser\nid: m\norganization: a\nname: M\nmemberships:\n- {instance: true, roles: []}", []string{"a.yaml:6: roles: one at least"}},
		"on what is to go": {
			"kind: Project\nid: p\nname: P\norganization: a\n---\nkind: Organization\nid: a\nstate: absent",
			[]string{"a.yaml:1: project p needs organization a, which is to be absent by a.yaml:6"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Read(directory(t, map[string]string{"a.yaml": c.text}), nothing)
			var found Mistakes
			if !errors.As(err, &found) || len(found) != len(c.want) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			lines := strings.Split(found.Error(), "\n")[1:]
			for i, want := range c.want {
				if !strings.HasPrefix(strings.TrimSpace(lines[i]), want) {
					t.Errorf("got %q, want %q", lines[i], want)
				}
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Error("a mistake shows a secret")
			}
		})
	}
}

func TestReadNeedsFiles(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{"an empty directory": t.TempDir(), "no directory": filepath.Join(t.TempDir(), "x")} {
		if _, err := Read(path, nothing); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// TestTheExampleIsRight reads the files that deploy has as an example.
func TestTheExampleIsRight(t *testing.T) {
	t.Parallel()
	things, err := Read(filepath.Join("..", "..", "..", "..", "deploy", "apply"), func(string) (string, bool) { return "secret", true })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Diff(nil, things, Options{}); err != nil {
		t.Error(err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("kind: Organization\nid: a\nname: A")
	f.Add("kind: MachineUser\nid: m\nmemberships: &a [*a]")
	f.Add("kind: Policy\nid: login\nsettings: &s {embedded_iframe: *s}")
	f.Fuzz(func(t *testing.T, text string) {
		r := &reader{env: nothing, file: "a.yaml", things: make(State)}
		r.documents([]byte(text))
		r.conflicts()
		if r.mistakes.err() == nil {
			_, _ = Diff(nil, r.things, Options{})
		}
	})
}
