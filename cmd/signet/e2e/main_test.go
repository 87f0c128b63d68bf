package e2e_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
)

// binary is the program under test; TestMain sets it before anything runs.
var binary string

// root is the root of the module, where `go run ./cmd/signet` works.
var root = filepath.Join("..", "..", "..")

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "signet-e2e-*")
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "signet")
	args := []string{"build", "-o", binary}
	if os.Getenv("SIGNET_E2E_RACE") != "" {
		args = append(args, "-race")
	}
	build := exec.Command("go", append(args, "./cmd/signet")...)
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "e2e: go build: %v\n%s", err, out)
		return 1
	}
	waitTogether()
	return m.Run()
}

// waitTogether lets more tests run at once than there are processors: most of their time they wait for processes.
func waitTogether() {
	const together = 4
	flag.Parse()
	chosen := false
	flag.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "test.parallel" })
	if !chosen && runtime.GOMAXPROCS(0) < together {
		_ = flag.Set("test.parallel", strconv.Itoa(together))
	}
}

// counts says how much of everything a run does.
type counts struct {
	consistencyLoops int // create, get, list; on one node and again on two
	races            int // for one username, over two nodes
	kills            int // of the whole process
	databaseKills    int // of Postgres alone, and as many restarts
	acknowledged     int // writes between two of these; the inbox keeps the messages of 10,000
	rebuildUsers     int // users that are there when a rebuild begins
	rebuilds         int
	mails            int // that NATS is away for
}

// numbers are the counts of this run.
func numbers() counts {
	if os.Getenv("SIGNET_E2E_FULL") != "" {
		return counts{
			consistencyLoops: 100_000, races: 1_000, kills: 20, databaseKills: 10, acknowledged: 200,
			rebuildUsers: 20_000, rebuilds: 5, mails: 1_000,
		}
	}
	return counts{
		consistencyLoops: 2_000, races: 40, kills: 3, databaseKills: 1, acknowledged: 150,
		rebuildUsers: 1_000, rebuilds: 2, mails: 100,
	}
}
