package local_test

import (
	"errors"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/signet-iam/signet/eventstore/local"
)

func startNATS(t *testing.T, dir string) *local.NATS {
	t.Helper()
	n, err := local.StartNATS(t.Context(), local.NATSConfig{StoreDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func jetStream(t *testing.T, n *local.NATS) jetstream.JetStream {
	t.Helper()
	conn, err := n.Conn()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

func TestNATSKeepsMessages(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	n := startNATS(t, dir)
	js := jetStream(t, n)
	_, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "S", Subjects: []string{"s.>"}, Storage: jetstream.FileStorage})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(t.Context(), "s.a", []byte("kept")); err != nil {
		t.Fatal(err)
	}
	n.Shutdown()

	n = startNATS(t, dir)
	defer n.Shutdown()
	stream, err := jetStream(t, n).Stream(t.Context(), "S")
	if err != nil {
		t.Fatal(err)
	}
	msg, err := stream.GetMsg(t.Context(), 1)
	if err != nil || string(msg.Data) != "kept" {
		t.Errorf("message after restart: %v, %v", msg, err)
	}
}

func TestNATSDirectoryInUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	n := startNATS(t, dir)
	defer n.Shutdown()
	if _, err := local.StartNATS(t.Context(), local.NATSConfig{StoreDir: dir}); !errors.Is(err, local.ErrInUse) {
		t.Errorf("error %v, want ErrInUse", err)
	}
}
