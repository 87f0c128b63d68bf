package e2e_test

import (
	"bytes"
	"strings"
	"testing"
)

// run is one call of the command line.
type call struct {
	t        testing.TB
	args     []string
	out, err string
	code     int
}

// signet calls the command line with a server's data directory and database.
func (n *server) signet(args ...string) *call {
	n.t.Helper()
	args = append(args, "--data-dir", n.dir)
	for i, arg := range n.args {
		if arg == "--database-url" || arg == "--master-key-file" {
			args = append(args, arg, n.args[i+1])
		}
	}
	return signet(n.t, n.env, args...)
}

// signet calls the command line and waits for its end.
func signet(t testing.TB, env []string, args ...string) *call {
	t.Helper()
	cmd := command(env, args...)
	var out, err bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &err
	p, failed := launch(cmd)
	if failed != nil {
		t.Fatal(failed)
	}
	select {
	case <-p.ended:
	case <-within(t, patience).Done():
		_ = cmd.Process.Kill()
		<-p.ended
		t.Fatalf("signet %s does not end", strings.Join(args, " "))
	}
	return &call{t: t, args: args, out: out.String(), err: err.String(), code: cmd.ProcessState.ExitCode()}
}

// succeeds demands exit code 0 and returns what was printed.
func (c *call) succeeds() string {
	c.t.Helper()
	if c.code != 0 {
		c.t.Fatalf("signet %s: exit code %d\n%s%s", strings.Join(c.args, " "), c.code, c.out, c.err)
	}
	return c.out
}

// verify demands that a read model is what the log says.
func (n *server) verify(model string) {
	n.t.Helper()
	if out := n.signet("projection", "verify", model).succeeds(); !strings.Contains(out, "are what the log says") {
		n.t.Errorf("verify says %q", out)
	}
}

// refused demands exit code 1 and one line of complaint that holds all of some words, and returns it.
func (c *call) refused(words ...string) {
	c.t.Helper()
	var complaints []string
	for line := range strings.Lines(c.err) {
		if !strings.HasPrefix(line, "{") && !strings.HasPrefix(line, "users ") { // else it is of the log, or progress
			complaints = append(complaints, strings.TrimRight(line, "\n"))
		}
	}
	what := "signet " + strings.Join(c.args, " ")
	if c.code != 1 {
		c.t.Errorf("%s: exit code %d, not 1\n%s%s", what, c.code, c.out, c.err)
	}
	if len(complaints) != 1 || !strings.HasPrefix(complaints[0], "signet: ") {
		c.t.Errorf("%s: one line of complaint expected, got %q", what, complaints)
		return
	}
	for _, word := range words {
		if !strings.Contains(complaints[0], word) {
			c.t.Errorf("%s: %q does not say %q", what, complaints[0], word)
		}
	}
}
