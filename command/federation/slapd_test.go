package federation_test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// OpenLDAP where it is installed, as a Debian package does it: TestInProcessDirectory says the same everywhere.
func TestOpenLDAP(t *testing.T) {
	t.Parallel()
	const slapd, schema = "/usr/sbin/slapd", "/etc/ldap/schema"
	if _, err := os.Stat(slapd); err != nil {
		t.Logf("%s is not installed here", slapd)
		return
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "slapd.conf")
	people := filepath.Join(dir, "people.ldif")
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, config, fmt.Sprintf(`include %[2]s/core.schema
include %[2]s/cosine.schema
include %[2]s/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile %[1]s/pid
argsfile %[1]s/args
database mdb
maxsize 10485760
suffix %[3]q
rootdn %[4]q
rootpw %[5]s
directory %[1]s/data
access to attrs=userPassword by anonymous auth by * none
access to * by * read
`, dir, schema, baseDN, adminDN, adminPass))
	write(t, people, ldif())
	run(t, slapd, "-T", "add", "-f", config, "-l", people)

	address := closedAddress(t)
	var log bytes.Buffer
	server := exec.Command(slapd, "-f", config, "-h", "ldap://"+address, "-d", "0")
	server.Stdout, server.Stderr = &log, &log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(os.Interrupt)
		_ = server.Wait()
	})
	waitFor(t, address, &log)
	c := directoryConfig("ldap://" + address)
	testDirectory(t, c)

	c.Mapping.ExternalID, c.IDAttribute = "", ""
	id, err := newLDAP(t, c).Authenticate(t.Context(), "ada", adaPass)
	if err != nil {
		t.Fatal(err)
	}
	if len(id.ExternalID) != len("00000000-0000-0000-0000-000000000000") {
		t.Errorf("the default external id is %q", id.ExternalID)
	}
}

// ldif writes the entries of the in-process directory as OpenLDAP wants them.
func ldif() string {
	var b strings.Builder
	fmt.Fprintf(&b, "dn: %s\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: Example\n\n", baseDN)
	fmt.Fprintf(&b, "dn: %s\nobjectClass: organizationalUnit\nou: people\n\n", peopleDN)
	for _, e := range entries() {
		fmt.Fprintf(&b, "dn: %s\n", e.dn)
		if e.attributes["objectClass"] == "device" {
			b.WriteString("objectClass: uidObject\n")
		}
		for name, v := range e.attributes {
			fmt.Fprintf(&b, "%s: %s\n", name, v)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// waitFor dials until the server listens.
func waitFor(t *testing.T, address string, log *bytes.Buffer) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
			return
		}
		select {
		case <-deadline:
			t.Fatalf("the server does not start: %v\n%s", err, log)
		case <-tick.C:
		}
	}
}
