package audit_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/eventstore/storetest"
	"github.com/signet-iam/signet/eventstore/vault"
	"github.com/signet-iam/signet/query/audit"
)

const tenant = "default"

func TestMain(m *testing.M) { storetest.Main(m) }

// viewer is who asks; grants are permissions by organization, "" for all.
type viewer struct {
	subject string
	grants  map[string][]string
}

func (v viewer) TenantID() string  { return tenant }
func (v viewer) SubjectID() string { return v.subject }

func (v viewer) May(permission, organization string) bool {
	return slices.Contains(v.grants[""], permission) || slices.Contains(v.grants[organization], permission)
}

func (v viewer) Organizations(permission string) (some []string, all bool) {
	for organization, held := range v.grants {
		switch {
		case !slices.Contains(held, permission):
		case organization == "":
			return nil, true
		default:
			some = append(some, organization)
		}
	}
	return some, false
}

// history is a log that tests write events to.
type history struct {
	pool    *pgxpool.Pool
	log     *eventstore.Store
	vault   *vault.Vault
	codec   *codec.Codec
	queries *audit.Queries
	keys    map[string]vault.Key
}

func newHistory(t *testing.T) *history {
	t.Helper()
	ctx := context.Background()
	h := &history{pool: storetest.NewDatabase(t), keys: make(map[string]vault.Key)}
	var err error
	h.log, err = eventstore.Open(ctx, h.pool, eventstore.Options{})
	must(t, err)
	t.Cleanup(h.log.Close)
	ring, err := vault.NewRing()
	must(t, err)
	h.vault, err = vault.New(ring, h.log)
	must(t, err)
	h.codec, err = codec.New(h.vault)
	must(t, err)
	h.queries = audit.New(h.pool, h.log, h.codec)
	return h
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// change is one append.
type change struct {
	kind, id string
	owner    string
	actor    string
	events   []proto.Message
}

// record appends, sealing with the key of the stream's user.
func (h *history) record(t *testing.T, c change) eventstore.Receipt {
	t.Helper()
	ctx := context.Background()
	stream := eventstore.StreamID{Tenant: tenant, Kind: c.kind, ID: c.id}
	head, err := h.log.StreamHead(ctx, stream)
	must(t, err)
	write := eventstore.Change{Stream: stream, Owner: c.owner, Expected: head.Version}
	write.Metadata = eventstore.Metadata{Actor: c.actor, Correlate: "request-1"}
	var key vault.Key
	if c.kind == "user" {
		key = h.key(t, c.id, &write)
		client := &eventv1.Client{Ip: "192.0.2.7", Agent: "browser"}
		write.Metadata.Client, err = h.codec.SealClient(key, stream, write.Metadata, client)
		must(t, err)
	}
	subject := ""
	if !key.IsZero() {
		subject = c.id
	}
	for _, message := range c.events {
		e, err := h.codec.Encode(key, stream, subject, uuid.Must(uuid.NewV7()), message)
		must(t, err)
		write.Events = append(write.Events, e)
	}
	receipt, err := h.log.Append(ctx, write)
	must(t, err)
	return receipt
}

func (h *history) key(t *testing.T, subject string, write *eventstore.Change) vault.Key {
	t.Helper()
	if key, ok := h.keys[subject]; ok {
		return key
	}
	key, wrapped, err := h.vault.NewKey(tenant, subject)
	must(t, err)
	write.Keys = append(write.Keys, eventstore.DataKey{Subject: subject, Wrapped: wrapped})
	h.keys[subject] = key
	return key
}

// human adds a person of an organization, by an administrator.
func (h *history) human(t *testing.T, id, organization string) {
	t.Helper()
	h.record(t, change{kind: "user", id: id, owner: organization, actor: "root", events: []proto.Message{
		&eventv1.UserHumanAdded{
			OrganizationId: organization, Username: id, Email: id + "@example.com", Profile: &eventv1.Profile{GivenName: strings.ToUpper(id)},
		},
		&eventv1.UserPasswordChanged{Hash: "$argon2id$verysecret"},
		&eventv1.UserEmailCodeAdded{Code: &eventv1.Code{Digest: []byte("digest-of-a-code"), UrlTemplate: "https://example.com"}},
	}})
}
