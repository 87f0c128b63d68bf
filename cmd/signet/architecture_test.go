package main_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/signet-iam/signet"

// The top level of the repository, and nothing else. What tools and a server started here leave behind is ignored by
// git and here.
var (
	topLevel  = []string{"api", "cmd", "eventstore", "command", "query", "projection", "notification", "deploy", "go.mod", "go.sum", "Taskfile.yml", "README.md", "LICENSE"}
	leftovers = []string{"signet-data", "signet", "bin"}
)

// area says what the production code of some packages may import. Patterns are relative to the module: "a/b" is one
// package, "a/b/..." a package and everything below it.
type area struct {
	packages string
	// may lists the packages of this module; what is not listed is forbidden.
	may []string
	// never lists packages from elsewhere, by path or by a path they lie below.
	never []string
	// only, where it is set, lists all packages from elsewhere that are allowed beside the standard library.
	only []string
	// ofLog lists the names of package eventstore these packages may mention; nil stands for all.
	ofLog []string
	// readOnly packages may hold the log but not write to it: they never mention its Append.
	readOnly bool
}

const (
	postgres = "github.com/jackc/pgx"
	nats     = "github.com/nats-io"
	connect  = "connectrpc.com"
	events   = "api/gen/signet/event/..."
)

// The first area that holds a package decides.
var areas = []area{
	{packages: "cmd/...", may: []string{"..."}},
	{packages: "deploy/...", may: []string{"api/...", "command/...", "eventstore/...", "notification/...", "projection/...", "query/..."}},

	{packages: "api/gen/...", may: []string{"api/gen/..."}},
	{packages: "api/...", may: []string{"api/...", "command/...", "query/...", "eventstore", "eventstore/failure"}, ofLog: []string{"Position", "Err*"},
		never: []string{postgres, nats}, readOnly: true},

	// What speaks to foreign identity providers knows no events and no database.
	{packages: "command/federation/...", may: []string{"eventstore/failure"}, never: []string{postgres, nats, connect}},
	{packages: "command/...", may: []string{"command/...", "eventstore", "eventstore/vault", "eventstore/codec", "eventstore/failure", events},
		never: []string{postgres, nats, connect, "net/http"}},
	// A world for tests of queries has the write side's roles, and projections fill it.
	{packages: "query/internal/querytest", may: []string{"query/...", "command/permission", "projection/...", "eventstore/...", events},
		never: []string{nats, connect}},
	{packages: "query/...", may: []string{"query/...", "eventstore", "eventstore/vault", "eventstore/codec", "eventstore/failure", events},
		never: []string{nats, connect, "net/http"}, readOnly: true},
	{packages: "projection/...", may: []string{"projection/...", "eventstore", "eventstore/vault", "eventstore/codec", "eventstore/failure", events},
		never: []string{nats, connect, "net/http"}},
	{packages: "notification/...", may: []string{"notification/...", "eventstore", "eventstore/vault", "eventstore/codec", "eventstore/failure", events},
		never: []string{connect}},

	{packages: "eventstore/failure"},
	{packages: "eventstore/vault/...", only: []string{"golang.org/x/crypto", "golang.org/x/text", "github.com/google/uuid"}},
	{packages: "eventstore/codec/...", may: []string{"eventstore", "eventstore/vault", "eventstore/failure", events},
		never: []string{postgres, nats, connect, "net/http"}},
	{packages: "eventstore/local/...", may: []string{"eventstore/..."}, never: []string{connect}},
	{packages: "eventstore/storetest/...", may: []string{"eventstore/..."}, never: []string{connect}},
	{packages: "eventstore/...", may: []string{"eventstore", "eventstore/failure"}, never: []string{nats, connect, "encoding/json", "net/http"}},
}

// holds reports whether a pattern holds a package, both relative to the module.
func holds(pattern, pkg string) bool {
	if pattern == "..." {
		return true
	}
	if root, below := strings.CutSuffix(pattern, "/..."); below {
		return pkg == root || strings.HasPrefix(pkg, root+"/")
	}
	return pattern == pkg
}

// below reports whether an import path is root or lies below it. A root without a major version stands for all of them.
func below(root, path string) bool {
	return path == root || strings.HasPrefix(path, root+"/")
}

// refuse says why the production code of a package must not import a path; it is empty where it may.
func refuse(pkg, path string) string {
	i := slices.IndexFunc(areas, func(a area) bool { return holds(a.packages, pkg) })
	if i < 0 {
		return "the package has no place in the design"
	}
	a := areas[i]
	if relative, ours := strings.CutPrefix(path, module+"/"); ours {
		if slices.ContainsFunc(a.may, func(pattern string) bool { return holds(pattern, relative) }) {
			return ""
		}
		return fmt.Sprintf("%s may import of this module only %v", a.packages, a.may)
	}
	if slices.ContainsFunc(a.never, func(root string) bool { return below(root, path) }) {
		return fmt.Sprintf("%s never imports %v", a.packages, a.never)
	}
	standard := !strings.Contains(strings.Split(path, "/")[0], ".")
	if a.only != nil && !standard && !slices.ContainsFunc(a.only, func(root string) bool { return below(root, path) }) {
		return fmt.Sprintf("%s imports beside the standard library only %v", a.packages, a.only)
	}
	return ""
}

// pkg is what `go list` says of a package.
type pkg struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string
}

func (p pkg) relative() string { return strings.TrimPrefix(p.ImportPath, module+"/") }

// list returns all packages of the module.
func list(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Dir,GoFiles,Imports", "./...")
	cmd.Dir = root
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		packages = append(packages, p)
	}
}

// root is the root of the module, as seen from this package.
var root = filepath.Join("..", "..")

func TestTopLevelIsTheDesigns(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, entry := range entries {
		if name := entry.Name(); !strings.HasPrefix(name, ".") && !slices.Contains(leftovers, name) {
			have = append(have, name)
		}
	}
	for _, name := range have {
		if !slices.Contains(topLevel, name) {
			t.Errorf("%s has no place at the top level, which is %v", name, topLevel)
		}
	}
	for _, name := range topLevel {
		if !slices.Contains(have, name) {
			t.Errorf("%s is missing at the top level", name)
		}
	}
}

func TestImportsFollowTheArrows(t *testing.T) {
	t.Parallel()
	for _, p := range list(t) {
		for _, path := range p.Imports {
			if why := refuse(p.relative(), path); why != "" {
				t.Errorf("%s imports %s: %s", p.relative(), path, why)
			}
		}
	}
}

// A handler cannot write, and a query neither, whatever it is handed.
func TestReadersKeepOffTheLog(t *testing.T) {
	t.Parallel()
	for _, p := range list(t) {
		i := slices.IndexFunc(areas, func(a area) bool { return holds(a.packages, p.relative()) })
		if i < 0 {
			continue
		}
		for _, name := range p.GoFiles {
			path := filepath.Join(p.Dir, name)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, complaint := range areas[i].complaints(t, path, text) {
				t.Errorf("%s: %s", p.relative(), complaint)
			}
		}
	}
}

// complaints returns where a file mentions what the area keeps off.
func (a area) complaints(t *testing.T, path string, text []byte) []string {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	ast.Inspect(file, func(node ast.Node) bool {
		s, ok := node.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		at, name := files.Position(s.Sel.Pos()), s.Sel.Name
		if a.readOnly && name == "Append" {
			found = append(found, fmt.Sprintf("%s: %s read only, and Append writes to the log", at, a.packages))
		}
		if x, ok := s.X.(*ast.Ident); ok && x.Name == "eventstore" && a.ofLog != nil && !slices.ContainsFunc(a.ofLog, func(pattern string) bool { return matches(pattern, name) }) {
			found = append(found, fmt.Sprintf("%s: eventstore.%s: of the log %s mention only %v", at, name, a.packages, a.ofLog))
		}
		return true
	})
	return found
}

// matches reports whether a name is the pattern, or begins with what stands before its "*".
func matches(pattern, name string) bool {
	prefix, open := strings.CutSuffix(pattern, "*")
	return name == pattern || open && strings.HasPrefix(name, prefix)
}

func TestComplaints(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		area area
		body string
		want int
	}{
		{"a reader appends", area{readOnly: true}, "func f(s Store) { s.Append(nil) }", 1},
		{"a reader uses the builtin", area{readOnly: true}, "var x = append([]int{}, 1)", 0},
		{"a writer appends", area{}, "func f(s Store) { s.Append(nil) }", 0},
		{"a handler knows a position", area{ofLog: []string{"Position", "Err*"}}, "var p eventstore.Position", 0},
		{"a handler knows an error", area{ofLog: []string{"Position", "Err*"}}, "var err = eventstore.ErrConflict", 0},
		{"a handler holds the log", area{ofLog: []string{"Position", "Err*"}}, "var s *eventstore.Store", 1},
		{"a command holds the log", area{}, "var s *eventstore.Store", 0},
	} {
		if got := c.area.complaints(t, "file.go", []byte("package p\n"+c.body)); len(got) != c.want {
			t.Errorf("%s: %d complaints expected, got %q", c.name, c.want, got)
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	t.Parallel()
	for _, p := range list(t) {
		if holds("api/gen/...", p.relative()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(p.Dir, "doc.go"))
		switch {
		case errors.Is(err, os.ErrNotExist):
			t.Errorf("%s has no doc.go", p.relative())
		case err != nil:
			t.Error(err)
		case !strings.HasPrefix(string(text), "//") && !strings.HasPrefix(string(text), "/*"):
			t.Errorf("%s/doc.go does not begin with the package's documentation", p.relative())
		}
	}
}

// The rules above would hold of any code if refuse refused nothing.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pkg, path string
		allowed   bool
	}{
		{"cmd/signet", module + "/projection/users", true},
		{"api/user", module + "/command/user", true},
		{"api/user", module + "/api/gen/signet/user/v2", true},
		{"api/user", module + "/eventstore/failure", true},
		{"api/user", module + "/eventstore", true},
		{"api/user", module + "/eventstore/codec", false},
		{"api/user", module + "/projection", false},
		{"api/user", "github.com/jackc/pgx/v5", false},
		{"command/user", module + "/eventstore", true},
		{"command/user", module + "/command/permission", true},
		{"command/user", module + "/api/gen/signet/event/v1", true},
		{"command/user", module + "/api/gen/signet/user/v2", false},
		{"command/user", module + "/query/user", false},
		{"command/user", module + "/eventstore/local", false},
		{"command/user", "github.com/jackc/pgx/v5/pgxpool", false},
		{"command/user", "connectrpc.com/connect", false},
		{"command/user", "github.com/google/uuid", true},
		{"query/user", "github.com/jackc/pgx/v5/pgxpool", true},
		{"query/user", module + "/command", false},
		{"query/user", module + "/projection", false},
		{"projection/users", module + "/eventstore/codec", true},
		{"projection/users", module + "/query", false},
		{"notification/relay", "github.com/nats-io/nats.go/jetstream", true},
		{"notification/relay", module + "/command/user", false},
		{"projection", "github.com/nats-io/nats.go", false},
		{"eventstore", "github.com/jackc/pgx/v5", true},
		{"eventstore", "encoding/json", false},
		{"eventstore", module + "/eventstore/vault", false},
		{"eventstore/vault", "crypto/aes", true},
		{"eventstore/vault", "github.com/jackc/pgx/v5", false},
		{"eventstore/vault", module + "/eventstore", false},
		{"eventstore/codec", module + "/eventstore/vault", true},
		{"eventstore/failure", module + "/eventstore", false},
		{"query", module + "/cmd/signet/internal/config", false},
		{"deploy/load", module + "/cmd/signet/internal/wire", false},
		{"api/gen/signet/user/v2", module + "/command", false},
		{"somewhere", "fmt", false},
	} {
		if why := refuse(c.pkg, c.path); (why == "") != c.allowed {
			t.Errorf("%s imports %s: allowed should be %t, the rules say %q", c.pkg, c.path, c.allowed, why)
		}
	}
}
