package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	projectv2 "github.com/signet-iam/signet/api/gen/signet/project/v2"
	"github.com/signet-iam/signet/api/gen/signet/project/v2/projectv2connect"
)

const (
	providerSecret = "a-secret-from-the-environment"
	unchanged      = "nothing to do: the server is what the files say\n"
)

// Files bring a server to what they say: the example of the repository, then changes of every sort, then the end of it all.
func TestApply(t *testing.T) {
	t.Parallel()
	n := start(t, settings{env: []string{"ACME_GITHUB_SECRET=" + providerSecret}})
	example := filepath.Join(root, "deploy", "apply")

	plan := n.apply("-f", example, "--plan")
	if plan.code != 2 || !strings.Contains(plan.out, "+ organization acme: name Acme\n") {
		t.Fatalf("the plan ends with code %d: %s%s", plan.code, plan.out, plan.err)
	}
	if again := n.apply("-f", example, "--plan"); again.out != plan.out {
		t.Errorf("a plan changes something: %s", again.out)
	}
	done := n.apply("-f", example).succeeds()
	if want, _, _ := strings.Cut(plan.out, "to change: "); !strings.HasPrefix(done, want) || strings.Contains(done, providerSecret) {
		t.Errorf("planned:\n%s\ndone:\n%s", plan.out, done)
	}
	for _, args := range [][]string{{"-f", example}, {"-f", example, "--plan"}} {
		if out := n.apply(args...).succeeds(); out != unchanged {
			t.Errorf("%q says %q", args, out)
		}
	}
	n.changes(t)
	n.mistakes(t)
}

// apply calls signet apply on the server itself.
func (n *server) apply(args ...string) *call {
	n.t.Helper()
	return n.signet(append([]string{"apply", "--listen", n.address}, args...)...)
}

// written is a file of its own with some documents.
func written(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "files.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// changes of every sort, each of which a second run finds made.
func (n *server) changes(t *testing.T) {
	t.Helper()
	projects := projectv2connect.NewProjectServiceClient(httpClient(t, n.token(), false), n.url())
	for _, step := range []struct {
		text, want string
		check      func(*testing.T)
	}{
		{
			text: `{kind: Project, id: web, organization: acme, name: Shop, authorization_required: false, state: inactive,
				roles: [{key: clerk, state: absent}, {key: new}], grants: [{organization: partner, roles: [customer, new]}]}`,
			want: `~ project web: authorization_required true -> false, name "Web shop" -> Shop
+ role new of project web
~ grant of project web to partner: roles [customer] -> [customer, new]
- role clerk of project web
~ project web: state active -> inactive
changed: 5
`,
			check: func(t *testing.T) {
				answer, err := projects.GetProject(t.Context(), &projectv2.GetProjectRequest{ProjectId: "web"})
				p := must(t, answer, err).GetProject()
				if p.GetName() != "Shop" || p.GetState() != projectv2.ProjectState_PROJECT_STATE_INACTIVE || p.GetAuthorizationRequired() {
					t.Errorf("the project is %v", p)
				}
			},
		},
		{
			text: "{kind: Policy, id: login, organization: acme, state: absent}\n---\n" +
				"{kind: Policy, id: security, settings: {embedded_iframe: {enabled: true, allowed_origins: ['https://b.example.com', 'https://a.example.com']}}}",
			want: `~ policy security of the instance: embedded_iframe.allowed_origins [] -> ["https://b.example.com", "https://a.example.com"], embedded_iframe.enabled false -> true
- policy login of acme
changed: 2
`,
		},
		{
			text: `{kind: IdentityProvider, id: GitHub, organization: acme, settings: {auto_update: true}, credentials: {client_secret: "${env:ACME_GITHUB_SECRET}"}}`,
			want: "~ identity provider GitHub of acme: auto_update false -> true, secrets written: client_secret\nchanged: 1\n",
		},
		{
			text: `{kind: MachineUser, id: acme-deployer, organization: acme, name: Deployer, description: "", access_token_type: jwt, state: inactive,
				memberships: [{organization: acme, state: absent}, {instance: true, roles: [IAM_OWNER_VIEWER]}],
				authorizations: [{project: web, organization: acme, roles: [new], state: inactive}]}`,
			want: `~ machine user acme-deployer: access_token_type bearer -> jwt, description "Keeps the web shop's roles up to date" -> ""
+ membership of acme-deployer on the instance: roles [IAM_OWNER_VIEWER]
~ authorization of acme-deployer for project web in acme: roles [admin] -> [new]
- membership of acme-deployer on organization acme
~ authorization of acme-deployer for project web in acme: state active -> inactive
~ machine user acme-deployer: state active -> inactive
changed: 6
`,
		},
		{
			text: "{kind: Organization, id: acme, state: absent}\n---\n{kind: Project, id: web, state: absent}\n---\n" +
				"{kind: MachineUser, id: partner-reporter, state: absent}\n---\n{kind: IdentityProvider, id: GitHub, organization: acme, state: absent}",
			want: `- machine user partner-reporter
- identity provider GitHub of acme
- project web
- organization acme
changed: 4
`,
		},
	} {
		file := written(t, step.text)
		if out := n.apply("-f", file).succeeds(); out != step.want {
			t.Errorf("%s\ndoes\n%s\nnot\n%s", step.text, out, step.want)
		}
		if out := n.apply("-f", file).succeeds(); out != unchanged {
			t.Errorf("a second time %s\ndoes %s", step.text, out)
		}
		if step.check != nil {
			step.check(t)
		}
	}
}

// mistakes change nothing, and what the server refuses ends a run with the server's reason.
func (n *server) mistakes(t *testing.T) {
	t.Helper()
	wrong := n.apply("-f", written(t, "{kind: Organization, id: third, name: Third}\n---\n{kind: Project, id: p, organization: nowhere, nam: P}"))
	if wrong.code != 1 || !strings.Contains(wrong.err, "files.yaml:3: there is no field nam here") || !strings.Contains(wrong.err, "files.yaml:3: name is missing") {
		t.Errorf("code %d: %s", wrong.code, wrong.err)
	}
	missing := n.apply("-f", written(t, "{kind: Organization, id: third, name: Third}\n---\n{kind: Project, id: p, organization: nowhere, name: P}"))
	if missing.code != 1 || !strings.Contains(missing.err, "project p needs organization nowhere, which neither the files nor the server have") {
		t.Errorf("code %d: %s", missing.code, missing.err)
	}
	if out := n.apply("-f", written(t, "{kind: Organization, id: third, state: absent}")).succeeds(); out != unchanged {
		t.Errorf("a file with mistakes changed something: %s", out)
	}
	again := written(t, "{kind: Organization, id: acme, name: Again}\n---\n{kind: Organization, id: partner, name: Renamed}")
	n.apply("-f", again).refused("0 of 2 changes are made", "organization acme", "ORGANIZATION_ALREADY_EXISTS")
	n.apply("-f", again, "--token-file", written(t, "no-token")).refused("unauthenticated")
	n.apply("-f", again, "--server", "ftp://example.com").refused("--server")
}
