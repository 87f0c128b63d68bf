package users

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/projection"
)

// The kinds and states of a credential, as the table numbers them.
const (
	kindTOTP          int16 = 1
	kindU2F           int16 = 2
	kindPasskey       int16 = 3
	kindOTPSMS        int16 = 4
	kindOTPEmail      int16 = 5
	kindLink          int16 = 6
	kindKey           int16 = 7
	kindToken         int16 = 8
	kindRecoveryCodes int16 = 9

	credentialNotReady int16 = 1
	credentialReady    int16 = 2
)

// Credential is something a user can sign in with.
type Credential struct {
	Kind                   int16
	ID                     string
	State                  int16
	Name                   string
	Domain                 string
	ProviderID, ExternalID string
	Remaining              int32
	Position               eventstore.Position
	CreatedAt, ChangedAt   time.Time
	ExpiresAt              *time.Time
}

// Metadata is a value that somebody keeps with a user.
type Metadata struct {
	Key                  string
	Value                []byte
	Position             eventstore.Position
	CreatedAt, ChangedAt time.Time
}

// credentialKey names a credential among those of its user.
type credentialKey struct {
	kind int16
	id   string
}

func (c *Credential) key() credentialKey { return credentialKey{c.Kind, c.ID} }

// held is a row of a child table in memory.
type held[T any] struct {
	row     T
	gone    bool // the log says that there is none
	changed bool // the table does not know yet
}

// belongings is what is known in memory of a user's credentials and metadata: the rows that events depended on, and
// those that they changed. What is not in it is as the tables have it, or gone when emptied is set.
type belongings struct {
	emptied     bool
	loaded      []int16 // kinds of credentials of which all rows are here
	credentials map[credentialKey]held[Credential]
	metadata    map[string]held[Metadata]
}

func newBelongings() *belongings {
	return &belongings{credentials: make(map[credentialKey]held[Credential]), metadata: make(map[string]held[Metadata])}
}

// change is what one event does to a user's belongings, in the order of the fields.
type change struct {
	empty bool
	drop  []credentialKey
	put   *Credential
	unset []string
	set   *Metadata
}

func (c *change) hasNulls() bool {
	var texts []string
	if c.put != nil {
		texts = append(texts, c.put.ID, c.put.Name, c.put.Domain, c.put.ProviderID, c.put.ExternalID)
	}
	if c.set != nil {
		texts = append(texts, c.set.Key)
	}
	return projection.HasNulls(texts...)
}

// dependsOn returns the kinds of credentials whose rows say what an event changes.
func dependsOn(msg proto.Message) []int16 {
	switch m := msg.(type) {
	case *eventv1.UserWebAuthnAdded:
		if webAuthnKind(m.GetPurpose()) == kindU2F {
			return []int16{kindU2F}
		}
	case *eventv1.UserRecoveryCodesAdded, *eventv1.UserRecoveryCodeUsed, *eventv1.UserRecoveryCodesRemoved:
		return []int16{kindRecoveryCodes}
	case *eventv1.UserTokenChanged, *eventv1.UserTokenRegenerated, *eventv1.UserTokenExpired:
		return []int16{kindToken}
	}
	return nil
}

// metadataKey returns the key of the metadata whose row says what an event changes.
func metadataKey(msg proto.Message) (name string, depends bool) {
	m, depends := msg.(*eventv1.UserMetadataSet)
	return m.GetKey(), depends
}

// changeOf is the reducer of belongings: what an event means for those of a user whose row was as given before it. It is
// pure.
func changeOf(msg proto.Message, ev *eventstore.Event, before *Row, b *belongings) (c change, err error) {
	defer func() {
		if recover() != nil { // as in Apply
			c, err = change{}, errMeaning
		}
	}()
	switch msg.(type) {
	case *eventv1.UserHumanAdded, *eventv1.UserMachineAdded:
		return change{empty: true}, nil
	}
	if !before.exists() {
		return change{}, nil
	}
	switch msg.(type) {
	case *eventv1.UserRemoved:
		c.empty = true
	case *eventv1.UserPhoneRemoved:
		c.drop = []credentialKey{{kind: kindOTPSMS}}
	default:
		c.ofWebAuthn(msg, ev, b)
		c.ofFactors(msg, ev)
		c.ofRecoveryCodes(msg, ev, b)
		c.ofTokens(msg, ev, b)
		c.ofOthers(msg, ev, b)
	}
	if c.hasNulls() {
		return change{}, projection.ErrHasNulls
	}
	return c, nil
}

func (c *change) ofWebAuthn(msg proto.Message, ev *eventstore.Event, b *belongings) {
	switch m := msg.(type) {
	case *eventv1.UserWebAuthnAdded:
		if webAuthnKind(m.GetPurpose()) == kindPasskey {
			return // nothing shows a passkey that is not there yet
		}
		c.drop = b.keys(func(held *Credential) bool { return held.Kind == kindU2F && held.State == credentialNotReady })
		c.put = added(ev, Credential{
			Kind: kindU2F, ID: m.GetWebauthnId(), State: credentialNotReady, Domain: m.GetRelyingPartyId(),
			ExpiresAt: moment(m.GetExpiresAt()),
		})
	case *eventv1.UserWebAuthnVerified:
		c.put = added(ev, Credential{
			Kind: webAuthnKind(m.GetPurpose()), ID: m.GetWebauthnId(), State: credentialReady, Name: m.GetName(), Domain: m.GetRelyingPartyId(),
		})
	case *eventv1.UserWebAuthnRemoved:
		c.drop = []credentialKey{{kindU2F, m.GetWebauthnId()}, {kindPasskey, m.GetWebauthnId()}}
	}
}

func webAuthnKind(purpose eventv1.WebAuthnPurpose) int16 {
	if purpose == eventv1.WebAuthnPurpose_WEB_AUTHN_PURPOSE_PASSKEY {
		return kindPasskey
	}
	return kindU2F
}

func (c *change) ofFactors(msg proto.Message, ev *eventstore.Event) {
	switch msg.(type) {
	case *eventv1.UserTOTPAdded: // there is one at a time
		c.put = added(ev, Credential{Kind: kindTOTP, State: credentialNotReady})
	case *eventv1.UserTOTPVerified:
		c.put = added(ev, Credential{Kind: kindTOTP, State: credentialReady})
	case *eventv1.UserTOTPRemoved:
		c.drop = []credentialKey{{kind: kindTOTP}}
	case *eventv1.UserOTPSMSAdded:
		c.put = added(ev, Credential{Kind: kindOTPSMS, State: credentialReady})
	case *eventv1.UserOTPSMSRemoved:
		c.drop = []credentialKey{{kind: kindOTPSMS}}
	case *eventv1.UserOTPEmailAdded:
		c.put = added(ev, Credential{Kind: kindOTPEmail, State: credentialReady})
	case *eventv1.UserOTPEmailRemoved:
		c.drop = []credentialKey{{kind: kindOTPEmail}}
	}
}

func (c *change) ofRecoveryCodes(msg proto.Message, ev *eventstore.Event, b *belongings) {
	switch m := msg.(type) {
	case *eventv1.UserRecoveryCodesAdded:
		c.drop = b.keys(ofKind(kindRecoveryCodes))
		c.put = added(ev, Credential{
			Kind: kindRecoveryCodes, ID: m.GetSetId(), State: credentialReady, Remaining: int32(len(m.GetDigests())),
		})
	case *eventv1.UserRecoveryCodeUsed:
		set := func(held *Credential) bool { return held.Kind == kindRecoveryCodes && held.ID == m.GetSetId() }
		c.put = b.edited(ev, set, func(codes *Credential) {
			if codes.Remaining = max(codes.Remaining-1, 0); codes.Remaining == 0 {
				codes.State = credentialNotReady
			}
		})
	case *eventv1.UserRecoveryCodesRemoved:
		c.drop = b.keys(ofKind(kindRecoveryCodes))
	}
}

// ofTokens keeps a token that was expired by force as not ready: it stays so, whatever is changed about it afterwards.
func (c *change) ofTokens(msg proto.Message, ev *eventstore.Event, b *belongings) {
	token := func(id string) func(*Credential) bool {
		return func(held *Credential) bool { return held.Kind == kindToken && held.ID == id }
	}
	switch m := msg.(type) {
	case *eventv1.UserTokenAdded:
		c.put = added(ev, Credential{
			Kind: kindToken, ID: m.GetTokenId(), State: credentialReady, Name: m.GetName(), ExpiresAt: moment(m.GetExpiresAt()),
		})
	case *eventv1.UserTokenChanged:
		c.put = b.edited(ev, token(m.GetTokenId()), func(t *Credential) {
			t.Name = m.GetName()
			if t.State == credentialReady {
				t.ExpiresAt = moment(m.GetExpiresAt())
			}
		})
	case *eventv1.UserTokenRegenerated:
		c.put = b.edited(ev, token(m.GetTokenId()), func(*Credential) {})
	case *eventv1.UserTokenExpired:
		c.put = b.edited(ev, token(m.GetTokenId()), func(t *Credential) {
			if t.State == credentialReady && (t.ExpiresAt == nil || ev.RecordedAt.Before(*t.ExpiresAt)) {
				at := ev.RecordedAt
				t.ExpiresAt = &at
			}
			t.State = credentialNotReady
		})
	case *eventv1.UserTokenRemoved:
		c.drop = []credentialKey{{kindToken, m.GetTokenId()}}
	}
}

func (c *change) ofOthers(msg proto.Message, ev *eventstore.Event, b *belongings) {
	switch m := msg.(type) {
	case *eventv1.UserIDPLinked:
		c.put = added(ev, Credential{
			Kind: kindLink, ID: linkID(m.GetProviderId(), m.GetExternalId()), State: credentialReady, Name: m.GetUsername(),
			ProviderID: m.GetProviderId(), ExternalID: m.GetExternalId(),
		})
	case *eventv1.UserIDPUnlinked:
		c.drop = []credentialKey{{kindLink, linkID(m.GetProviderId(), m.GetExternalId())}}
	case *eventv1.UserMachineKeyAdded:
		c.put = added(ev, Credential{Kind: kindKey, ID: m.GetKeyId(), State: credentialReady, ExpiresAt: moment(m.GetExpiresAt())})
	case *eventv1.UserMachineKeyRemoved:
		c.drop = []credentialKey{{kindKey, m.GetKeyId()}}
	case *eventv1.UserMetadataSet:
		c.set = b.entry(ev, m)
	case *eventv1.UserMetadataRemoved:
		c.unset = []string{m.GetKey()}
	}
}

// linkID is the same for no two pairs of ids: the length keeps the two apart. It is a digest because it names the row to
// operators, and the external id is personal.
func linkID(provider, external string) string {
	sum := sha256.Sum256([]byte(strconv.Itoa(len(provider)) + ":" + provider + external))
	return hex.EncodeToString(sum[:])
}

func ofKind(kind int16) func(*Credential) bool {
	return func(c *Credential) bool { return c.Kind == kind }
}

func added(ev *eventstore.Event, c Credential) *Credential {
	c.Position, c.CreatedAt, c.ChangedAt = ev.Position, ev.RecordedAt, ev.RecordedAt
	return &c
}

func moment(t *timestamppb.Timestamp) *time.Time {
	if t == nil {
		return nil
	}
	at := t.AsTime()
	return &at
}

// keys returns those of the credentials here for which match holds.
func (b *belongings) keys(match func(*Credential) bool) []credentialKey {
	if b == nil {
		return nil
	}
	var found []credentialKey
	for key, h := range b.credentials {
		if !h.gone && match(&h.row) {
			found = append(found, key)
		}
	}
	return found
}

// edited returns the credential for which match holds as an event leaves it, or nil where there is none.
func (b *belongings) edited(ev *eventstore.Event, match func(*Credential) bool, edit func(*Credential)) *Credential {
	keys := b.keys(match)
	if len(keys) == 0 {
		return nil
	}
	c := b.credentials[keys[0]].row
	edit(&c)
	c.ChangedAt = ev.RecordedAt
	return &c
}

// entry returns the metadata as an event leaves it; a value that is replaced keeps its place in the order of creation.
func (b *belongings) entry(ev *eventstore.Event, m *eventv1.UserMetadataSet) *Metadata {
	next := Metadata{Key: m.GetKey(), Value: m.GetValue(), Position: ev.Position, CreatedAt: ev.RecordedAt, ChangedAt: ev.RecordedAt}
	if next.Value == nil {
		next.Value = []byte{} // of an erased subject
	}
	if b == nil {
		return &next
	}
	if h, here := b.metadata[next.Key]; here && !h.gone {
		next.Position, next.CreatedAt = h.row.Position, h.row.CreatedAt
	}
	return &next
}

// take makes a change in memory.
func (b *belongings) take(c *change) {
	if c.empty {
		*b = *newBelongings()
		b.emptied = true
	}
	for _, key := range c.drop {
		b.credentials[key] = held[Credential]{gone: true, changed: true}
	}
	if c.put != nil {
		b.credentials[c.put.key()] = held[Credential]{row: *c.put, changed: true}
	}
	for _, key := range c.unset {
		b.metadata[key] = held[Metadata]{gone: true, changed: true}
	}
	if c.set != nil {
		b.metadata[c.set.Key] = held[Metadata]{row: *c.set, changed: true}
	}
}

// idle reports a change that changes nothing.
func (c *change) idle() bool {
	return !c.empty && len(c.drop) == 0 && c.put == nil && len(c.unset) == 0 && c.set == nil
}
