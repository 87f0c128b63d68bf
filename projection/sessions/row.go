package sessions

import (
	"encoding/json"
	"errors"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/projection"
)

// Why an event cannot be applied. The texts are shown to operators: they hold no value of an event.
var (
	errNoSession = errors.New("the session was never added, or has ended")
	errExists    = errors.New("the session is added a second time")
	errHeaders   = errors.New("its headers cannot be written")
)

// noHeaders is the JSON of a request of which no header is known.
const noHeaders = "{}"

// Row is one session. The zero Row is a session of which nothing happened yet. A moment that never was is zero.
type Row struct {
	Tenant, ID string
	Version    uint64
	Position   eventstore.Position

	CreatorID            string
	UserID               string
	OrganizationID       string
	Agent                Agent
	CreatedAt, ChangedAt time.Time
	ExpiresAt            time.Time
	Checked              Checked
}

// Agent is the program through which a person signs in.
type Agent struct {
	FingerprintID, IP, Description string
	Headers                        string // JSON: an object of arrays of texts
}

// Checked are the moments of the last proofs.
type Checked struct {
	User, Password, WebAuthn, Intent, TOTP, OTPSMS, OTPEmail, RecoveryCode time.Time
	UserVerified                                                           bool // by the authenticator
}

// Apply is the reducer: it returns the row as it is after an event that does not end the session. It is pure, and an error
// leaves nothing changed.
func Apply(row Row, msg proto.Message, ev *eventstore.Event) (Row, error) {
	next := row
	next.advance(ev)
	added, first := msg.(*eventv1.SessionAdded)
	switch {
	case first && row.Version > 0:
		return row, errExists
	case !first && row.Version == 0:
		return row, errNoSession
	case first:
		if err := next.add(added, ev); err != nil {
			return row, err
		}
	default:
		next.fold(msg, ev.RecordedAt)
	}
	if next.hasNulls() {
		return row, projection.ErrHasNulls
	}
	return next, nil
}

// advance counts an event.
func (r *Row) advance(ev *eventstore.Event) {
	r.Tenant, r.ID = ev.Stream.Tenant, ev.Stream.ID
	r.Version, r.Position, r.ChangedAt = ev.Version, ev.Position, ev.RecordedAt
}

func (r *Row) add(m *eventv1.SessionAdded, ev *eventstore.Event) error {
	headers, err := headersOf(m.GetAgent())
	if err != nil {
		return err
	}
	r.CreatorID, r.CreatedAt, r.ExpiresAt = m.GetCreatorId(), ev.RecordedAt, moment(m.GetExpiresAt())
	r.Agent = Agent{
		FingerprintID: m.GetAgent().GetFingerprintId(), IP: m.GetAgent().GetIp(), Description: m.GetAgent().GetDescription(),
		Headers: headers,
	}
	return nil
}

func (r *Row) fold(msg proto.Message, at time.Time) {
	switch m := msg.(type) {
	case *eventv1.SessionUserChecked:
		r.UserID, r.OrganizationID, r.Checked.User = m.GetUserId(), m.GetOrganizationId(), at
	case *eventv1.SessionPasswordChecked:
		r.Checked.Password = at
	case *eventv1.SessionWebAuthnChecked:
		r.Checked.WebAuthn, r.Checked.UserVerified = at, m.GetUserVerified()
	case *eventv1.SessionIntentChecked:
		r.Checked.Intent = at
	case *eventv1.SessionTOTPChecked:
		r.Checked.TOTP = at
	case *eventv1.SessionOTPSMSChecked:
		r.Checked.OTPSMS = at
	case *eventv1.SessionOTPEmailChecked:
		r.Checked.OTPEmail = at
	case *eventv1.SessionRecoveryCodeChecked:
		r.Checked.RecoveryCode = at
	case *eventv1.SessionLifetimeSet:
		r.ExpiresAt = moment(m.GetExpiresAt())
	default:
		// Tokens, challenges, metadata, proofs of machines: the row shows nothing of them but that the stream went on.
	}
}

// headersOf writes headers in one form, whatever their order; a name that comes twice has all its values.
func headersOf(agent *eventv1.SessionAgent) (string, error) {
	if len(agent.GetHeaders()) == 0 {
		return noHeaders, nil
	}
	headers := make(map[string][]string, len(agent.GetHeaders()))
	for _, h := range agent.GetHeaders() {
		if projection.HasNulls(h.GetName()) || projection.HasNulls(h.GetValues()...) {
			return "", projection.ErrHasNulls
		}
		headers[h.GetName()] = append(append([]string{}, headers[h.GetName()]...), h.GetValues()...)
	}
	out, err := json.Marshal(headers)
	if err != nil {
		return "", errHeaders
	}
	return string(out), nil
}

func (r *Row) hasNulls() bool {
	return projection.HasNulls(
		r.ID, r.CreatorID, r.UserID, r.OrganizationID, r.Agent.FingerprintID, r.Agent.IP, r.Agent.Description)
}

// onlyMoved reports that an event left nothing behind but that the stream went on.
func onlyMoved(before, after Row) bool {
	before.Version, before.Position, before.ChangedAt = after.Version, after.Position, after.ChangedAt
	return before == after
}

// skip counts an event that is left out. Of a session that begins with one, nothing is known but that.
func skip(row Row, ev *eventstore.Event) Row {
	if row.Version == 0 {
		row.CreatedAt, row.Agent.Headers = ev.RecordedAt, noHeaders
	}
	row.advance(ev)
	return row
}

// follows reports whether a row knows an event already, or why it cannot be its next one.
func follows(row *Row, ev *eventstore.Event) (known bool, err error) {
	if row.Version == 0 && ev.Version > 1 {
		return false, errNoSession
	}
	return projection.Follows(row.Version, ev)
}

// moment takes a moment to the microsecond that the table holds: a row must be the same in memory and read back.
func moment(t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.AsTime().Truncate(time.Microsecond)
}
