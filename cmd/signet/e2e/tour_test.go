package e2e_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// The tour of the README is run as it stands there, line by line in one shell, against a server that was started as it
// stands there. Only the port and the data directory are others, so that it disturbs nobody.
func TestTourOfTheREADME(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := shellBlocks(string(readme))
	begin := strings.Index(string(readme), "<!-- tour:begin -->")
	end := strings.Index(string(readme), "<!-- tour:end -->")
	if begin < 0 || end < begin {
		t.Fatal("the README has no tour")
	}
	data, address := filepath.Join(t.TempDir(), "data"), freeAddress(t)
	elsewhere := strings.NewReplacer("127.0.0.1:8080", address, "signet-data", data)
	env := environment("SIGNET_DATA_DIR="+data, "SIGNET_LISTEN="+address)

	first := shell(strings.TrimSpace(blocks[0]))
	first.Env = env
	server, err := launch(first)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		endOwner(t, data)
		<-server.ended
	})
	eventually(t, "the server of the README", func() error {
		select {
		case <-server.ended:
			t.Fatalf("%q ends: %v", blocks[0], server.err)
		default:
		}
		return ready("http://" + address)
	})

	var lines, script strings.Builder
	for _, block := range shellBlocks(string(readme)[begin:end]) {
		for line := range strings.Lines(elsewhere.Replace(block)) {
			lines.WriteString(line)
			// The shell reads one line after the other, as if they were typed, and says how each has ended.
			fmt.Fprintf(&script, "%s\nprintf '\\n::%%s::\\n' $?\n", strings.TrimRight(line, "\n"))
		}
	}
	tour := shell("")
	tour.Args = []string{"bash", "--norc"}
	tour.Env, tour.Stdin = env, strings.NewReader(script.String())
	var out bytes.Buffer
	tour.Stdout, tour.Stderr = &out, &out
	walk, err := launch(tour)
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-walk.ended:
	case <-within(t, 3*patience).Done():
		_ = tour.Process.Kill()
		t.Fatalf("the tour does not end:\n%s", out.String())
	}
	said := regexp.MustCompile(`(?m)^::(\d+)::$`).FindAllStringSubmatch(out.String(), -1)
	typed := strings.Split(strings.TrimSpace(lines.String()), "\n")
	if len(said) != len(typed) {
		t.Fatalf("%d of %d lines have ended:\n%s", len(said), len(typed), out.String())
	}
	for i, status := range said {
		if status[1] != "0" {
			t.Errorf("%q ends with %s", typed[i], status[1])
		}
	}
	compact := strings.NewReplacer(`": `, `":`, `, "`, `,"`).Replace(out.String()) // the server's JSON has its whims
	for _, pattern := range []string{
		`user [0-9a-f-]{36} got the code [A-Z0-9]{6}\n`, // the mail
		`"details":`, // the verification
		`"email":"ada@example.com","isVerified":true`, // the very next read
		`"userInfo":\{"email":"ada@example.com"`,      // the sign-in
		`"type":"user.email.verified"`,                // the history
		`users: \d+ events in`,                        // the rebuild
		`rows at position \d+ are what the log says`,
		`\{"status":"ok"\}`, // after the restart
		`(?s)"status":"ok".*"givenName":"Ada"`,
	} {
		if !regexp.MustCompile(pattern).MatchString(compact) {
			t.Errorf("nothing like %s in what the tour says", pattern)
		}
	}
	if t.Failed() {
		t.Logf("the tour says:\n%s", out.String())
	}
}

func ready(url string) error {
	res, err := http.Get(url + "/readyz")
	if err != nil {
		return err
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return errors.New(res.Status)
	}
	return nil
}

// endOwner stops the server that owns a data directory.
func endOwner(t testing.TB, dir string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "postgres", "lock"))
	if err != nil {
		t.Error(err)
		return
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid <= 1 {
		t.Errorf("the lock names process %q: %v", text, err)
		return
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err == nil {
		awaitGone(t, pid)
	}
}

// shellBlocks returns the fenced blocks of sh in a text.
func shellBlocks(text string) (blocks []string) {
	for _, match := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(text, -1) {
		blocks = append(blocks, match[1])
	}
	return blocks
}

// shell is a bash in the root of the repository.
func shell(line string) *exec.Cmd {
	cmd := exec.Command("bash", "--norc", "-c", line)
	cmd.Dir = root
	return cmd
}
