package federationtest

import (
	"bytes"
	"net"
	"strings"
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// What the directory knows of its one person.
const (
	DirectoryBase     = "dc=example,dc=com"
	DirectoryBind     = "cn=admin," + DirectoryBase
	DirectorySecret   = "admin-password"
	DirectoryUser     = "ada"
	DirectoryPassword = "ada-password"
	DirectoryID       = "1815"

	personDN = "uid=ada,ou=people," + DirectoryBase
)

// NewDirectory serves a directory (RFC 4511) with one person at an address of this machine, without TLS, until the test
// ends, and returns its URL.
func NewDirectory(t testing.TB) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(conn)
		}
	}()
	return "ldap://" + listener.Addr().String()
}

func serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	for {
		packet, err := ber.ReadPacket(conn)
		if err != nil || len(packet.Children) < 2 {
			return
		}
		id, request := packet.Children[0].Value.(int64), packet.Children[1]
		switch request.Tag {
		case ldap.ApplicationBindRequest:
			send(conn, id, ldap.ApplicationBindResponse, result(bind(request))...)
		case ldap.ApplicationSearchRequest:
			if bytes.Contains(request.Bytes(), []byte(DirectoryUser)) {
				send(conn, id, ldap.ApplicationSearchResultEntry, text(personDN), entry())
			}
			send(conn, id, ldap.ApplicationSearchResultDone, result(ldap.LDAPResultSuccess)...)
		default:
			return
		}
	}
}

// bind compares a name and a password.
func bind(request *ber.Packet) int64 {
	name, password := request.Children[1].Data.String(), request.Children[2].Data.String()
	if name == DirectoryBind && password == DirectorySecret || strings.EqualFold(name, personDN) && password == DirectoryPassword {
		return ldap.LDAPResultSuccess
	}
	return ldap.LDAPResultInvalidCredentials
}

func entry() *ber.Packet {
	attributes := ber.NewSequence("attributes")
	for _, a := range [][2]string{
		{"objectClass", "person"}, {"uid", DirectoryUser}, {"entryUUID", DirectoryID}, {"givenName", "Ada"}, {"sn", "King"}, {"mail", "ada@example.com"},
	} {
		values := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "values")
		values.AppendChild(text(a[1]))
		attribute := ber.NewSequence("attribute")
		attribute.AppendChild(text(a[0]))
		attribute.AppendChild(values)
		attributes.AppendChild(attribute)
	}
	return attributes
}

func result(code int64) []*ber.Packet {
	return []*ber.Packet{
		ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, code, "code"), text(""), text(""),
	}
}

func text(s string) *ber.Packet {
	return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, s, "text")
}

func send(conn net.Conn, id int64, tag ber.Tag, children ...*ber.Packet) {
	operation := ber.Encode(ber.ClassApplication, ber.TypeConstructed, tag, nil, "operation")
	for _, c := range children {
		operation.AppendChild(c)
	}
	message := ber.NewSequence("message")
	message.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, id, "id"))
	message.AppendChild(operation)
	_, _ = conn.Write(message.Bytes())
}
