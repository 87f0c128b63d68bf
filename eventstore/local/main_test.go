package local_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/signet-iam/signet/eventstore/local"
)

// ownerVariable makes the test binary an owner of the directory it names, to be killed by a test.
const ownerVariable = "SIGNET_LOCAL_TEST_OWNER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(ownerVariable); dir != "" {
		own(dir)
	}
	var err error
	if seedDir, err = os.MkdirTemp("", "signet-local-seed-*"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(seedDir)
	os.Exit(code)
}

// own starts a server, says its pid, and blocks until it is killed.
func own(dir string) {
	p, err := local.StartPostgres(context.Background(), local.PostgresConfig{Dir: dir})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(p.PID())
	<-p.Done()
	os.Exit(1)
}
