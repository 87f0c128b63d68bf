package user_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/storetest"
	"github.com/signet-iam/signet/projection"
	"github.com/signet-iam/signet/projection/users"
	"github.com/signet-iam/signet/query/user"
)

const tenant = "default"

func TestMain(m *testing.M) { storetest.Main(m) }

// viewer is who asks in these tests.
type viewer struct {
	subject       string
	organizations []string // where it holds user.read
	all           bool
}

func (v viewer) TenantID() string  { return tenant }
func (v viewer) SubjectID() string { return v.subject }

func (v viewer) Organizations(string) ([]string, bool) {
	if v.all {
		return nil, true
	}
	return v.organizations, false
}

func (v viewer) May(_, organization string) bool {
	for _, o := range v.organizations {
		if o == organization && o != "" {
			return true
		}
	}
	return v.all
}

// database is a log with the tables of the read model, which the test fills in place of a projection.
type database struct {
	pool    *pgxpool.Pool
	log     *eventstore.Store
	queries *user.Queries
}

func newDatabase(t testing.TB) *database {
	t.Helper()
	return newDatabaseOn(t, storetest.NewDatabase(t))
}

func newDatabaseOn(t testing.TB, pool *pgxpool.Pool) *database {
	t.Helper()
	ctx := context.Background()
	conn, err := pool.Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	if err := projection.Migrate(ctx, conn.Conn(), users.New(nil)); err != nil {
		t.Fatal(err)
	}
	d := &database{pool: pool}
	d.log = openLog(t, pool)
	d.queries = user.New(pool, d.log)
	return d
}

func openLog(t testing.TB, pool *pgxpool.Pool) *eventstore.Store {
	t.Helper()
	log, err := eventstore.Open(context.Background(), pool, eventstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(log.Close)
	return log
}

// append writes events to a user's stream; nothing projects them.
func (d *database) append(t testing.TB, u *user.User, events int) {
	t.Helper()
	change := eventstore.Change{
		Stream:   eventstore.StreamID{Tenant: tenant, Kind: "user", ID: u.ID},
		Owner:    u.Organization,
		Expected: u.Version,
		Metadata: eventstore.Metadata{Actor: "system"},
	}
	for range events {
		change.Events = append(change.Events, eventstore.NewEvent{ID: uuid.Must(uuid.NewV7()), Type: "user.locked", Payload: []byte{}})
	}
	receipt, err := d.log.Append(context.Background(), change)
	if err != nil {
		t.Fatal(err)
	}
	u.Version, u.Position = receipt.Version, receipt.Position
}

// project does what the projection would: rows and checkpoint in one transaction, announced.
func (d *database) project(t testing.TB, all ...user.User) {
	t.Helper()
	ctx := context.Background()
	head, err := d.log.Head(ctx)
	if err != nil {
		t.Fatal(err)
	}
	d.projectTo(t, head, all)
}

func (d *database) projectTo(t testing.TB, head eventstore.Position, all []user.User) {
	t.Helper()
	ctx := context.Background()
	err := pgx.BeginFunc(ctx, d.pool, func(tx pgx.Tx) error {
		write := &pgx.Batch{}
		for i := range all {
			write.Queue(upsertUser, rowArgs(&all[i]))
		}
		write.Queue(`delete from projection.users_count_1`)
		write.Queue(recount)
		write.Queue(`update eventstore.checkpoints set position = $1, updated_at = now() where name = 'users'`, head)
		if err := tx.SendBatch(ctx, write).Close(); err != nil {
			return err
		}
		return d.log.Announce(ctx, tx, "users", head)
	})
	if err != nil {
		t.Error(err) // not Fatal: a projection runs beside the test
	}
}

const (
	upsertUser = `
insert into projection.users_1
select @tenant, @id, @organization, @version, @position, @state, @kind, @username, @given, @family, @nick, @display, @language,
       @gender, @email, @email_verified, @phone, @phone_verified, @has_password, @change_required, @password_changed, @mfa_skipped, @machine,
       @description, @has_secret, @signed_tokens, @created, @changed, @username_lower, @given_lower, @family_lower, @nick_lower, @display_lower,
       @email_lower
on conflict (tenant, id) do update set version = excluded.version, position = excluded.position, state = excluded.state`

	recount = `
insert into projection.users_count_1
select tenant, organization_id, count(*) from projection.users_1 where state <> 3 group by tenant, organization_id`
)

func rowArgs(u *user.User) pgx.NamedArgs {
	h, lower := u.Human, strings.ToLower
	return pgx.NamedArgs{
		"tenant": tenant, "id": u.ID, "organization": u.Organization, "version": int64(u.Version), "position": u.Position,
		"state": int16(u.State), "kind": int16(u.Kind), "username": u.Username, "given": h.GivenName, "family": h.FamilyName,
		"nick": h.NickName, "display": h.DisplayName, "language": h.PreferredLanguage, "gender": int16(h.Gender),
		"email": h.Email, "email_verified": h.EmailVerified, "phone": h.Phone, "phone_verified": h.PhoneVerified,
		"has_password": h.HasPassword, "change_required": h.PasswordChangeRequired,
		"password_changed": timeOrNull(h.PasswordChangedAt), "mfa_skipped": timeOrNull(h.MFAInitSkippedAt), "machine": u.Machine.Name, "description": u.Machine.Description,
		"has_secret": u.Machine.HasSecret, "signed_tokens": u.Machine.SignedTokens, "created": u.CreatedAt, "changed": u.ChangedAt,
		"username_lower": lower(u.Username), "given_lower": lower(h.GivenName), "family_lower": lower(h.FamilyName),
		"nick_lower": lower(h.NickName), "display_lower": lower(h.DisplayName), "email_lower": lower(h.Email),
	}
}

func timeOrNull(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}
