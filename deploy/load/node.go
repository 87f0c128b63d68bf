package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	startPatience = 60 * time.Second
	stopPatience  = 30 * time.Second
	readyPace     = 2 * time.Millisecond
)

// build compiles the program that is measured.
func build(ctx context.Context, binary string) error {
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return fmt.Errorf("find the module: %w", err)
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/signet")
	cmd.Dir = strings.TrimSpace(string(root))
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build signet: %w\n%s", err, out)
	}
	return nil
}

// nodeConfig says how to start a node. database and keys are empty for a node that stands alone.
type nodeConfig struct {
	binary   string
	dir      string
	database string // URL
	keys     string // file
}

func (c nodeConfig) args(address string) []string {
	args := []string{"start", "--data-dir", c.dir, "--listen", address, "--log-level", "warn",
		"--trusted-proxies", "127.0.0.0/8"} // all of the load comes from one address
	if c.database != "" {
		args = append(args, "--database-url", c.database)
	}
	if c.keys != "" {
		args = append(args, "--master-key-file", c.keys)
	}
	return args
}

// node is a running signet process.
type node struct {
	dir     string
	address string
	ready   time.Duration // from its start until it said it was ready
	token   string        // of the administrator

	cmd   *exec.Cmd
	log   *os.File
	ended chan error
}

// startNode starts a process and waits until it is ready.
func startNode(ctx context.Context, c nodeConfig) (*node, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	n := &node{dir: c.dir, address: address, ended: make(chan error, 1)}
	n.log, err = os.OpenFile(c.dir+".log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	// It must outlive ctx: an interrupt ends it in order, by stop.
	n.cmd = exec.CommandContext(context.WithoutCancel(ctx), c.binary, c.args(address)...)
	n.cmd.Stdout, n.cmd.Stderr = n.log, n.log
	began := time.Now()
	if err := n.cmd.Start(); err != nil {
		n.log.Close()
		return nil, err
	}
	go func() { n.ended <- n.cmd.Wait() }()
	if err := n.awaitReady(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start signet (see %s): %w", n.log.Name(), err), n.stop())
	}
	n.ready = time.Since(began)
	if c.database == "" {
		n.token, err = readToken(c.dir)
	}
	if err != nil {
		return nil, errors.Join(err, n.stop())
	}
	return n, nil
}

func freeAddress(ctx context.Context) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func readToken(dir string) (string, error) {
	text, err := os.ReadFile(filepath.Join(dir, "admin.pat"))
	return strings.TrimSpace(string(text)), err
}

func (n *node) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	pace := time.NewTicker(readyPace)
	defer pace.Stop()
	for {
		if n.isReady(ctx) {
			return nil
		}
		select {
		case <-pace.C:
		case err := <-n.ended:
			n.ended <- err
			return fmt.Errorf("it ended: %w", errors.Join(err, ctx.Err()))
		case <-ctx.Done():
			return fmt.Errorf("it is not ready: %w", ctx.Err())
		}
	}
}

func (n *node) isReady(ctx context.Context) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+n.address+"/readyz", http.NoBody)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	return res.StatusCode == http.StatusOK
}

func (n *node) pid() int { return n.cmd.Process.Pid }

func (n *node) watch() *watch { return watchMemory(n.pid()) }

// stop asks the process to end and waits. It must end by itself, and without an error. Stopping twice is fine.
func (n *node) stop() error {
	defer n.log.Close()
	_ = n.cmd.Process.Signal(syscall.SIGTERM) // an error says that it has ended
	select {
	case err := <-n.ended:
		n.ended <- nil
		if err != nil {
			return fmt.Errorf("signet ended (see %s): %w", n.log.Name(), err)
		}
		return nil
	case <-time.After(stopPatience):
		_ = n.cmd.Process.Kill()
		<-n.ended //nolint:errcheck // it was killed, as the error below says
		n.ended <- nil
		return fmt.Errorf("signet did not end within %v of SIGTERM", stopPatience)
	}
}
