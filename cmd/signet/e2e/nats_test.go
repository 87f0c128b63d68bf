package e2e_test

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"

	natsserver "github.com/nats-io/nats-server/v2/server"

	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/notification/channel/email/emailtest"
)

// NATS goes away and comes back much later. Commands and reads go on meanwhile, also on a node that starts meanwhile, and
// every mail arrives in the end, once, and nothing but a mail server would notice.
func TestMailOutlivesNATS(t *testing.T) {
	t.Parallel()
	var arrived mailbag
	smtp := emailtest.New(t, emailtest.Options{Received: arrived.take})
	nats := &jetStream{t: t, dir: t.TempDir(), address: freeAddress(t)}
	nats.start()
	t.Cleanup(nats.stop)
	mailing := []string{
		"--nats-url", "nats://" + nats.address, "--smtp-host", smtp.Host, "--smtp-port", strconv.Itoa(smtp.Port),
		"--smtp-encryption", "none", "--smtp-from", "Signet <no-reply@example.com>",
	}
	a := start(t, settings{args: mailing})
	admin := a.admin()
	people := map[string]string{} // id by address
	add := func(c *client, email string) {
		people[email] = c.add(t, person(email))
		if _, err := c.users.GetUserByID(t.Context(), &userv2.GetUserByIDRequest{UserId: people[email]}); err != nil {
			t.Fatalf("read without NATS: %v", err)
		}
	}
	add(admin, "before@example.com")
	arrived.await(t, 1)

	nats.stop()
	eventually(t, "a server that is not ready", func() error {
		err := a.get("/readyz")
		if err == nil {
			return errors.New("it is ready")
		}
		if !strings.Contains(err.Error(), "nats") {
			return err
		}
		return nil
	})
	b := start(t, settings{unready: true, args: append([]string{
		"--database-url", a.dsn(), "--master-key-file", a.dir + "/master.keys",
	}, mailing...)})
	other := b.client(a.token())
	for i := range numbers().mails {
		c := admin
		if i%2 == 1 {
			c = other
		}
		add(c, fmt.Sprintf("meanwhile-%d@example.com", i))
	}
	if n := arrived.count(); n != 1 {
		t.Errorf("%d mails have left without NATS", n-1)
	}

	nats.start()
	a.await("/readyz")
	b.await("/readyz")
	arrived.await(t, len(people))
	for email, id := range people {
		mails := arrived.to(email)
		if len(mails) != 1 {
			t.Errorf("%s got %d mails", email, len(mails))
		}
		if _, err := admin.users.VerifyEmail(t.Context(), &userv2.VerifyEmailRequest{
			UserId: id, VerificationCode: codeIn(mails[0].Text),
		}); err != nil {
			t.Errorf("the code that %s got: %v", email, err)
		}
	}
}

// mailbag holds what a mail server took.
type mailbag struct {
	mu    sync.Mutex
	mails map[string][]emailtest.Mail // by recipient
}

func (b *mailbag) take(m emailtest.Mail) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.mails == nil {
		b.mails = make(map[string][]emailtest.Mail)
	}
	b.mails[m.To] = append(b.mails[m.To], m)
	return nil
}

// count returns how many addresses have got mail.
func (b *mailbag) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.mails)
}

func (b *mailbag) to(address string) []emailtest.Mail {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.mails[address]
}

// await waits until so many addresses have got mail.
func (b *mailbag) await(t testing.TB, addresses int) {
	t.Helper()
	reach(t, "addresses that have got mail", int64(addresses), func() int64 { return int64(b.count()) })
}

// jetStream is a NATS of the test's own, on a port and in a directory that it keeps.
type jetStream struct {
	t       testing.TB
	dir     string
	address string
	server  *natsserver.Server // nil while stopped
}

func (j *jetStream) start() {
	j.t.Helper()
	host, port, err := net.SplitHostPort(j.address)
	if err != nil {
		j.t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		j.t.Fatal(err)
	}
	server, err := natsserver.NewServer(&natsserver.Options{
		Host: host, Port: number, JetStream: true, StoreDir: j.dir, NoLog: true, NoSigs: true,
	})
	if err != nil {
		j.t.Fatal(err)
	}
	go server.Start()
	if !server.ReadyForConnections(patience) {
		j.t.Fatal("NATS does not start")
	}
	j.server = server
}

func (j *jetStream) stop() {
	if j.server != nil {
		j.server.Shutdown()
		j.server.WaitForShutdown()
		j.server = nil
	}
}
