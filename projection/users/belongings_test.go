package users

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/eventstore/storetest"
	"github.com/signet-iam/signet/projection"
)

// until is when what expires in these tests does.
var until = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)

const (
	passkeyPurpose = eventv1.WebAuthnPurpose_WEB_AUTHN_PURPOSE_PASSKEY
	factorPurpose  = eventv1.WebAuthnPurpose_WEB_AUTHN_PURPOSE_SECOND_FACTOR
)

func begun(id string, purpose eventv1.WebAuthnPurpose) *eventv1.UserWebAuthnAdded {
	return &eventv1.UserWebAuthnAdded{WebauthnId: id, Purpose: purpose, RelyingPartyId: "example.com", ExpiresAt: timestamppb.New(until)}
}

// ended is the end of the registration of a second factor if the id begins with u, of a passkey otherwise.
func ended(id, name string) *eventv1.UserWebAuthnVerified {
	purpose := passkeyPurpose
	if id[0] == 'u' {
		purpose = factorPurpose
	}
	return &eventv1.UserWebAuthnVerified{
		WebauthnId: id, Name: name, CredentialId: []byte("c"), PublicKey: []byte("k"), Purpose: purpose, RelyingPartyId: "example.com",
	}
}

// credential is one that the event with version made and the one with version changed left as it is.
func credential(kind int16, id string, version, changed int, more func(*Credential)) Credential {
	c := Credential{
		Kind: kind, ID: id, State: credentialReady, Position: eventstore.Position(10 * version), CreatedAt: at(version), ChangedAt: at(changed),
	}
	if more != nil {
		more(&c)
	}
	return c
}

func entryOf(key, value string, version, changed int) Metadata {
	return Metadata{
		Key: key, Value: []byte(value), Position: eventstore.Position(10 * version), CreatedAt: at(version), ChangedAt: at(changed),
	}
}

// pending is what a ceremony that began is.
func pending(c *Credential) {
	c.State, c.Domain, c.ExpiresAt = credentialNotReady, "example.com", &until
}

func named(name string) func(*Credential) {
	return func(c *Credential) { c.Name, c.Domain = name, "example.com" }
}

func notReady(c *Credential) { c.State = credentialNotReady }

type belongingsCase struct {
	given       []proto.Message // after human
	credentials []Credential
	metadata    []Metadata
}

func belongingsCases() map[string]belongingsCase {
	link := func(provider, external string) *eventv1.UserIDPLinked {
		return &eventv1.UserIDPLinked{ProviderId: provider, ExternalId: external, Username: "ada@" + provider}
	}
	linked := func(provider, external string) func(*Credential) {
		return func(c *Credential) { c.ProviderID, c.ExternalID, c.Name = provider, external, "ada@"+provider }
	}
	return map[string]belongingsCase{
		"nothing": {nil, nil, nil},
		"a passkey is begun": {
			[]proto.Message{begun("w", passkeyPurpose)}, nil, nil,
		},
		"a passkey is registered": {
			[]proto.Message{begun("w", passkeyPurpose), ended("w", "Phone")},
			[]Credential{credential(kindPasskey, "w", 3, 3, named("Phone"))}, nil,
		},
		"a ceremony replaces the unfinished one of its purpose only": {
			[]proto.Message{
				begun("u1", factorPurpose), ended("u1", "Key"), begun("u2", factorPurpose), begun("w", passkeyPurpose),
				begun("u3", factorPurpose),
			},
			[]Credential{credential(kindU2F, "u1", 3, 3, named("Key")), credential(kindU2F, "u3", 6, 6, pending)}, nil,
		},
		"a use shows nothing": {
			[]proto.Message{
				begun("u", factorPurpose), ended("u", "Key"), &eventv1.UserWebAuthnUsed{WebauthnId: "u", SignCount: 7},
				&eventv1.UserWebAuthnCloneSuspected{WebauthnId: "u"},
			},
			[]Credential{credential(kindU2F, "u", 3, 3, named("Key"))}, nil,
		},
		"a passkey is removed": {
			[]proto.Message{begun("w", passkeyPurpose), ended("w", "Phone"), &eventv1.UserWebAuthnRemoved{WebauthnId: "w"}}, nil, nil,
		},
		"passkey codes show nothing": {
			[]proto.Message{
				&eventv1.UserPasskeyCodeAdded{CodeId: "c"}, &eventv1.UserPasskeyCodeBlocked{CodeId: "c"}, &eventv1.UserPasskeyCodeUsed{CodeId: "c"},
			}, nil, nil,
		},
		"TOTP is begun": {
			[]proto.Message{&eventv1.UserTOTPAdded{TotpId: "t"}, &eventv1.UserTOTPThrottled{Attempts: 5}},
			[]Credential{credential(kindTOTP, "", 2, 2, notReady)}, nil,
		},
		"TOTP is begun again and verified": {
			[]proto.Message{&eventv1.UserTOTPAdded{TotpId: "t1"}, &eventv1.UserTOTPAdded{TotpId: "t2"}, &eventv1.UserTOTPVerified{TotpId: "t2"}},
			[]Credential{credential(kindTOTP, "", 4, 4, nil)}, nil,
		},
		"TOTP is removed": {
			[]proto.Message{&eventv1.UserTOTPAdded{TotpId: "t"}, &eventv1.UserTOTPVerified{TotpId: "t"}, &eventv1.UserTOTPRemoved{TotpId: "t"}}, nil, nil,
		},
		"codes by SMS and email": {
			[]proto.Message{&eventv1.UserOTPSMSAdded{}, &eventv1.UserOTPEmailAdded{}},
			[]Credential{credential(kindOTPSMS, "", 2, 2, nil), credential(kindOTPEmail, "", 3, 3, nil)}, nil,
		},
		"codes by SMS and email no more": {
			[]proto.Message{&eventv1.UserOTPSMSAdded{}, &eventv1.UserOTPEmailAdded{}, &eventv1.UserOTPSMSRemoved{}, &eventv1.UserOTPEmailRemoved{}}, nil, nil,
		},
		"codes by SMS end with the phone": {
			[]proto.Message{&eventv1.UserOTPSMSAdded{}, &eventv1.UserOTPEmailAdded{}, &eventv1.UserPhoneRemoved{}},
			[]Credential{credential(kindOTPEmail, "", 3, 3, nil)}, nil,
		},
		"recovery codes are replaced": {
			[]proto.Message{
				&eventv1.UserRecoveryCodesAdded{SetId: "s1", Digests: [][]byte{{1}}},
				&eventv1.UserRecoveryCodesAdded{SetId: "s2", Digests: [][]byte{{1}, {2}, {3}}},
			},
			[]Credential{credential(kindRecoveryCodes, "s2", 3, 3, func(c *Credential) { c.Remaining = 3 })}, nil,
		},
		"recovery codes are used up": {
			[]proto.Message{
				&eventv1.UserRecoveryCodesAdded{SetId: "s", Digests: [][]byte{{1}, {2}}}, &eventv1.UserRecoveryCodeUsed{SetId: "s", Index: 1},
				&eventv1.UserRecoveryCodeUsed{SetId: "other"}, &eventv1.UserRecoveryCodeUsed{SetId: "s"},
			},
			[]Credential{credential(kindRecoveryCodes, "s", 2, 5, notReady)}, nil,
		},
		"recovery codes are removed": {
			[]proto.Message{&eventv1.UserRecoveryCodesAdded{SetId: "s", Digests: [][]byte{{1}}}, &eventv1.UserRecoveryCodesRemoved{}}, nil, nil,
		},
		"invitations show nothing": {
			[]proto.Message{&eventv1.UserInviteCodeAdded{}, &eventv1.UserInviteCodeBlocked{}, &eventv1.UserInviteAccepted{}}, nil, nil,
		},
		"links": {
			[]proto.Message{link("p", "1"), link("p1", ""), link("q", "1"), &eventv1.UserIDPUnlinked{ProviderId: "q", ExternalId: "1"}},
			[]Credential{
				credential(kindLink, linkID("p", "1"), 2, 2, linked("p", "1")), credential(kindLink, linkID("p1", ""), 3, 3, linked("p1", "")),
			}, nil,
		},
		"keys": {
			[]proto.Message{
				&eventv1.UserMachineKeyAdded{KeyId: "k1"}, &eventv1.UserMachineKeyAdded{KeyId: "k2", ExpiresAt: timestamppb.New(until)},
				&eventv1.UserMachineKeyRemoved{KeyId: "k1"},
			},
			[]Credential{credential(kindKey, "k2", 3, 3, func(c *Credential) { c.ExpiresAt = &until })}, nil,
		},
		"tokens": {
			[]proto.Message{
				&eventv1.UserTokenAdded{TokenId: "t1"}, &eventv1.UserTokenAdded{TokenId: "t2", ExpiresAt: timestamppb.New(until)},
				&eventv1.UserTokenRemoved{TokenId: "t1"},
			},
			[]Credential{credential(kindToken, "t2", 3, 3, func(c *Credential) { c.ExpiresAt = &until })}, nil,
		},
		"a token is renamed, prolonged and given a new value": {
			[]proto.Message{
				&eventv1.UserTokenAdded{TokenId: "t1", Name: "old"}, &eventv1.UserTokenAdded{TokenId: "t2", Name: "other"},
				&eventv1.UserTokenChanged{TokenId: "t1", Name: "new", ExpiresAt: timestamppb.New(until)}, &eventv1.UserTokenRegenerated{TokenId: "t1"},
			},
			[]Credential{
				credential(kindToken, "t1", 2, 5, func(c *Credential) { c.Name, c.ExpiresAt = "new", &until }),
				credential(kindToken, "t2", 3, 3, func(c *Credential) { c.Name = "other" }),
			}, nil,
		},
		"a token that is expired by force stays so": {
			[]proto.Message{
				&eventv1.UserTokenAdded{TokenId: "t", ExpiresAt: timestamppb.New(until)}, &eventv1.UserTokenExpired{TokenId: "t"},
				&eventv1.UserTokenChanged{TokenId: "t", Name: "new"}, &eventv1.UserTokenExpired{TokenId: "t"},
			},
			[]Credential{credential(kindToken, "t", 2, 5, func(c *Credential) {
				forced := at(3)
				c.State, c.Name, c.ExpiresAt = credentialNotReady, "new", &forced
			})}, nil,
		},
		"a token that is expired by force after its end": {
			[]proto.Message{
				&eventv1.UserTokenAdded{TokenId: "t", ExpiresAt: timestamppb.New(at(1))}, &eventv1.UserTokenExpired{TokenId: "t"},
			},
			[]Credential{credential(kindToken, "t", 2, 3, func(c *Credential) {
				end := at(1)
				c.State, c.ExpiresAt = credentialNotReady, &end
			})}, nil,
		},
		"changes of a token that is not there": {
			[]proto.Message{
				&eventv1.UserTokenChanged{TokenId: "t", Name: "new"}, &eventv1.UserTokenRegenerated{TokenId: "t"}, &eventv1.UserTokenExpired{TokenId: "t"},
			}, nil, nil,
		},
		"metadata": {
			[]proto.Message{
				&eventv1.UserMetadataSet{Key: "A", Value: []byte("1")}, &eventv1.UserMetadataSet{Key: "a", Value: []byte("2")},
				&eventv1.UserMetadataSet{Key: "A", Value: []byte("3")}, &eventv1.UserMetadataSet{Key: "b"},
			},
			nil, []Metadata{entryOf("A", "3", 2, 4), entryOf("a", "2", 3, 3), entryOf("b", "", 5, 5)},
		},
		"metadata that was removed is new when it is set again": {
			[]proto.Message{
				&eventv1.UserMetadataSet{Key: "a", Value: []byte("1")}, &eventv1.UserMetadataRemoved{Key: "a"},
				&eventv1.UserMetadataSet{Key: "a", Value: []byte("2")}, &eventv1.UserMetadataSet{Key: "b", Value: []byte("1")},
				&eventv1.UserMetadataRemoved{Key: "b"},
			},
			nil, []Metadata{entryOf("a", "2", 4, 4)},
		},
		"all ends with the user": {
			[]proto.Message{
				&eventv1.UserOTPEmailAdded{}, &eventv1.UserMetadataSet{Key: "a", Value: []byte("1")}, &eventv1.UserRemoved{},
				&eventv1.UserTokenAdded{TokenId: "late"}, &eventv1.UserMetadataSet{Key: "late"},
			}, nil, nil,
		},
		"a new user under the id begins with nothing": {
			[]proto.Message{
				&eventv1.UserOTPEmailAdded{}, &eventv1.UserMetadataSet{Key: "a", Value: []byte("1")}, &eventv1.UserRemoved{}, human(),
				&eventv1.UserMetadataSet{Key: "a", Value: []byte("2")},
			}, nil, []Metadata{entryOf("a", "2", 6, 6)},
		},
	}
}

// What a history leaves behind is the same whether it is folded in memory, or event by event through the tables, and
// whether or not part of it is taken a second time.
func TestBelongings(t *testing.T) {
	t.Parallel()
	pool := storetest.NewDatabase(t)
	if err := projection.Migrate(t.Context(), acquire(t, pool), New(nil)); err != nil {
		t.Fatal(err)
	}
	for name, c := range belongingsCases() {
		for _, way := range []way{
			{"at once", 100, 1}, {"in twos", 2, 1}, {"one by one", 1, 1}, {"one by one, seldom written", 1, 3},
		} {
			t.Run(name+"/"+way.name, func(t *testing.T) {
				t.Parallel()
				conn, id := acquire(t, pool), name+" "+way.name
				messages := append([]proto.Message{human()}, c.given...)
				way.takeIn(t, conn, history{id, 0, messages})
				wantBelongings(t, conn, id, c)
				// What is known changes nothing. A first event is never taken twice.
				way.takeIn(t, conn, history{id, 1, messages[:max(len(messages)-1, 1)]})
				wantBelongings(t, conn, id, c)
			})
		}
	}
}

// way is how a history comes into the tables: in stretches of this size, so many of them before they are written.
type way struct {
	name      string
	size      int
	stretches int
}

// history is what happened to a user; known events are left out.
type history struct {
	id       string
	known    int
	messages []proto.Message
}

func (w way) takeIn(t *testing.T, conn *pgx.Conn, h history) {
	t.Helper()
	f := New(nil).Open(1).(*fold)
	for from := h.known; from < len(h.messages); from += w.size {
		var events []eventstore.Event
		var decoded []codec.Message
		for i := from; i < min(from+w.size, len(h.messages)); i++ {
			events = append(events, eventstore.Event{
				Stream:  eventstore.StreamID{Tenant: "default", Kind: "user", ID: h.id},
				Version: uint64(i + 1), Position: eventstore.Position(10 * (i + 1)), RecordedAt: at(i + 1),
			})
			decoded = append(decoded, codec.Message{Proto: h.messages[i]})
		}
		if err := errors.Join(f.load(t.Context(), conn, events), f.loadBelongings(t.Context(), conn, decoded, events)); err != nil {
			t.Fatal(err)
		}
		for i := range events {
			if cause, err := f.takeOne(decoded[i].Proto, nil, &events[i]); cause != nil || err != nil {
				t.Fatal(cause, err)
			}
		}
		if last := from+w.size >= len(h.messages); !last && (from/w.size+1)%w.stretches != 0 {
			continue
		}
		if err := pgx.BeginFunc(t.Context(), conn, func(tx pgx.Tx) error { return f.Write(t.Context(), tx) }); err != nil {
			t.Fatal(err)
		}
	}
}

func wantBelongings(t *testing.T, conn *pgx.Conn, id string, want belongingsCase) {
	t.Helper()
	rows, _ := conn.Query(t.Context(), `
select kind, id, state, name, domain, provider_id, external_id, remaining, position, created_at, changed_at, expires_at
  from projection.users_credentials where tenant = 'default' and user_id = $1 and organization_id = 'o1' order by kind, position`, id)
	credentials, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c Credential, err error) {
		err = row.Scan(&c.Kind, &c.ID, &c.State, &c.Name, &c.Domain, &c.ProviderID, &c.ExternalID, &c.Remaining, &c.Position,
			&c.CreatedAt, &c.ChangedAt, &c.ExpiresAt)
		c.CreatedAt, c.ChangedAt = c.CreatedAt.UTC(), c.ChangedAt.UTC()
		if c.ExpiresAt != nil {
			*c.ExpiresAt = c.ExpiresAt.UTC()
		}
		return c, err
	})
	if err != nil {
		t.Fatal(err)
	}
	rows, _ = conn.Query(t.Context(), `
select key, key_lower, value, position, created_at, changed_at
  from projection.users_metadata where tenant = 'default' and user_id = $1 order by position`, id)
	metadata, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (m Metadata, err error) {
		var lower string
		err = row.Scan(&m.Key, &lower, &m.Value, &m.Position, &m.CreatedAt, &m.ChangedAt)
		m.CreatedAt, m.ChangedAt = m.CreatedAt.UTC(), m.ChangedAt.UTC()
		if lower != strings.ToLower(m.Key) {
			t.Errorf("%q lowered is %q", m.Key, lower)
		}
		return m, err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(credentials)+len(want.credentials) > 0 && !reflect.DeepEqual(credentials, want.credentials) {
		t.Errorf("credentials\ngot  %+v\nwant %+v", credentials, want.credentials)
	}
	if len(metadata)+len(want.metadata) > 0 && !reflect.DeepEqual(metadata, want.metadata) {
		t.Errorf("metadata\ngot  %+v\nwant %+v", metadata, want.metadata)
	}
}

// A new user without credentials or metadata costs one statement for the row and one for the count.
func TestNewUserWithoutBelongingsWritesNone(t *testing.T) {
	t.Parallel()
	f := New(nil).Open(1).(*fold)
	stream := eventstore.StreamID{Tenant: "default", Kind: "user", ID: "u1"}
	for i, msg := range []proto.Message{human(), &eventv1.UserEmailCodeAdded{}, &eventv1.UserPasswordChanged{}, &eventv1.UserEmailVerified{}} {
		ev := eventstore.Event{Stream: stream, Version: uint64(i + 1), Position: eventstore.Position(i + 1), RecordedAt: at(1)}
		if cause, err := f.takeOne(msg, nil, &ev); cause != nil || err != nil {
			t.Fatal(cause, err)
		}
	}
	if f.rows.Of(stream).belongings != nil {
		t.Error("memory is held for what nobody has")
	}
	batch := &pgx.Batch{}
	f.Queue(batch)
	if batch.Len() != 2 {
		t.Errorf("%d statements", batch.Len())
	}
}

func TestBelongingsThatPostgresCannotHold(t *testing.T) {
	t.Parallel()
	for _, msg := range []proto.Message{
		&eventv1.UserMetadataSet{Key: "a\x00"}, begun("u\x00", factorPurpose), ended("w\x00", "Phone"), &eventv1.UserTokenAdded{TokenId: "\x00"},
		&eventv1.UserIDPLinked{ProviderId: "p", ExternalId: "\x00"}, &eventv1.UserIDPLinked{ProviderId: "p", Username: "\x00"},
	} {
		f := New(nil).Open(1).(*fold)
		stream := eventstore.StreamID{Tenant: "default", Kind: "user", ID: "u1"}
		first := eventstore.Event{Stream: stream, Version: 1, Position: 1, RecordedAt: at(1)}
		second := eventstore.Event{Stream: stream, Version: 2, Position: 2, RecordedAt: at(2)}
		if cause, err := f.takeOne(human(), nil, &first); cause != nil || err != nil {
			t.Fatal(cause, err)
		}
		cause, err := f.takeOne(msg, nil, &second)
		if !errors.Is(cause, projection.ErrHasNulls) || err != nil {
			t.Errorf("%T: %v, %v", msg, cause, err)
		}
		if e := f.rows.Of(stream); e.row.Version != 1 || e.belongings != nil {
			t.Errorf("%T: a refused event left something behind", msg)
		}
	}
}

// However many credentials there are, those of a few users are found by their keys, whether or not the plan knows how few.
func TestBelongingsAreFoundByTheirKeys(t *testing.T) {
	t.Parallel()
	conn := newTables(t)
	exec := func(sql string) {
		if _, err := conn.Exec(t.Context(), sql, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	exec(`insert into projection.users_credentials_1
select 'default', 'u' || i / 4, 1 + i % 9, 'c' || i, 'o1', 2, '', '', '', '', 0, i, now(), now(), null from generate_series(1, 40000) i`)
	exec(`insert into projection.users_metadata_1
select 'default', 'u' || i / 4, 'k' || i, 'k' || i, '', i, now(), now() from generate_series(1, 40000) i`)
	exec("vacuum analyze projection.users_credentials_1")
	exec("vacuum analyze projection.users_metadata_1")
	credentials, metadata := credentialsTable(1), metadataTable(1)
	const users = "'{default,default}', '{u7,u8}'"
	for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
		exec("set plan_cache_mode = " + mode)
		for _, c := range []struct{ statement, table, args string }{
			{loadCredentials, credentials, users + ", '{1,2}'"},
			{loadMetadata, metadata, users + ", '{k1,k2}'"},
			{emptyTable, credentials, users},
			{emptyTable, metadata, users},
			{deleteCredentials, credentials, users + ", '{1,2}', '{a,b}'"},
			{deleteMetadata, metadata, users + ", '{k1,k2}'"},
		} {
			exec("prepare looked_at as " + fmt.Sprintf(c.statement, c.table))
			plan := explain(t, conn, "execute looked_at("+c.args+")")
			exec("deallocate looked_at")
			if strings.Contains(plan, "Seq Scan") || !strings.Contains(plan, "_pkey") {
				t.Errorf("%s: %s\n%s", mode, c.statement, plan)
			}
		}
	}
}
