package e2e_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
)

// After everything that involves secrets and personal data has been done, none of it stands where it must not: secrets in
// no log line, no column, no file of the database or of NATS; personal data in no log line, nowhere in the log of events,
// and in no file of NATS.
func TestSecretsStayInside(t *testing.T) {
	t.Parallel()
	n := start(t, settings{})
	found := spill(t, n)

	logs := n.log()
	if !strings.Contains(logs, `"message":"sent"`) || !strings.Contains(logs, `"level":"debug"`) {
		t.Error("the server's log holds too little to prove anything")
	}
	for _, word := range slices.Concat(found.secrets, found.personal) {
		if strings.Contains(logs, word) {
			t.Errorf("the server's log holds %q", word)
		}
	}
	columns := n.columnsWith(t, found.secrets)
	if len(columns) != 0 {
		t.Errorf("secrets in columns: %v", columns)
	}
	seen := false
	for _, column := range n.columnsWith(t, found.personal) {
		if seen = true; !strings.HasPrefix(column, "projection.") {
			t.Errorf("personal data in a column: %s", column)
		}
	}
	if !seen {
		t.Error("not even the read model holds personal data: this search finds nothing")
	}

	metrics, err := http.Get(n.url() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer metrics.Body.Close()
	var page bytes.Buffer
	if _, err := page.ReadFrom(metrics.Body); err != nil {
		t.Fatal(err)
	}
	tail := n.signet("events", "tail", "--no-follow").succeeds()
	for _, word := range slices.Concat(found.secrets, found.personal) {
		if strings.Contains(page.String(), word) {
			t.Errorf("the metrics hold %q", word)
		}
	}
	for _, word := range found.secrets {
		if strings.Contains(tail, word) {
			t.Errorf("the tail of the events holds %q", word)
		}
	}

	n.stop() // so that everything is in files
	search(t, n.dir, found.secrets)
	search(t, filepath.Join(n.dir, "nats"), found.personal)
}

// words are texts that a search looks for.
type words struct{ secrets, personal []string }

// spill does everything that involves secrets, with values that nothing else holds.
func spill(t *testing.T, n *server) (w words) {
	t.Helper()
	admin := n.admin()
	person := words{personal: []string{
		"grace.hopper.1906@example.com", "Gräcelyn-Brewster", "Hopper-Murray", "Amazing-Nick", "+41791906129", "791906129",
		"grace.new.1906@example.com", "Very-Special-Agent/1.0",
	}}
	passwords := []string{"First-Secret-Pass-1", "Second-Secret-Pass-2", "Wrong-Secret-Pass-3", "Third-Secret-Pass-4"}
	nick, phone := person.personal[3], person.personal[4]
	added, err := admin.users.AddHumanUser(t.Context(), &userv2.AddHumanUserRequest{
		Profile: &userv2.SetHumanProfile{GivenName: person.personal[1], FamilyName: person.personal[2], NickName: &nick},
		Email: &userv2.SetHumanEmail{Email: person.personal[0], Verification: &userv2.SetHumanEmail_SendCode{
			SendCode: &userv2.SendEmailVerificationCode{UrlTemplate: ptr("https://app.example.com/{{.UserID}}?code={{.Code}}")},
		}},
		Phone:        &userv2.SetHumanPhone{Phone: phone, Verification: &userv2.SetHumanPhone_ReturnCode{ReturnCode: &userv2.ReturnPhoneVerificationCode{}}},
		PasswordType: &userv2.AddHumanUserRequest_Password{Password: &userv2.Password{Password: passwords[0]}},
	})
	if err != nil {
		t.Fatal(err)
	}
	id := added.GetUserId()
	mailed := admin.mail(t, person.personal[0]).GetCode()
	must := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	_, err = admin.users.VerifyPhone(t.Context(), &userv2.VerifyPhoneRequest{UserId: id, VerificationCode: added.GetPhoneCode()})
	must("verify phone", err)
	reset, err := admin.users.PasswordReset(t.Context(), &userv2.PasswordResetRequest{
		UserId: id, Medium: &userv2.PasswordResetRequest_ReturnCode{ReturnCode: &userv2.ReturnPasswordResetCode{}},
	})
	must("reset", err)
	set := func(password string, change func(*userv2.SetPasswordRequest)) error {
		r := &userv2.SetPasswordRequest{UserId: id, NewPassword: &userv2.Password{Password: password}}
		change(r)
		_, err := admin.users.SetPassword(t.Context(), r)
		return err
	}
	must("set by code", set(passwords[1], func(r *userv2.SetPasswordRequest) {
		r.Verification = &userv2.SetPasswordRequest_VerificationCode{VerificationCode: reset.GetVerificationCode()}
	}))
	if err := set(passwords[3], func(r *userv2.SetPasswordRequest) {
		r.Verification = &userv2.SetPasswordRequest_CurrentPassword{CurrentPassword: passwords[2]}
	}); reason(err) != "USER_PASSWORD_INVALID" {
		t.Fatalf("a wrong password: %v", err)
	}
	must("set by password", set(passwords[3], func(r *userv2.SetPasswordRequest) {
		r.Verification = &userv2.SetPasswordRequest_CurrentPassword{CurrentPassword: passwords[1]}
	}))
	again, err := admin.users.SetEmail(t.Context(), &userv2.SetEmailRequest{
		UserId: id, Email: person.personal[6],
		Verification: &userv2.SetEmailRequest_ReturnCode{ReturnCode: &userv2.ReturnEmailVerificationCode{}},
	})
	must("set email", err)
	if _, err := admin.users.VerifyEmail(t.Context(), &userv2.VerifyEmailRequest{UserId: id, VerificationCode: "WRNGCD"}); err == nil {
		t.Fatal("a wrong code verifies")
	}
	_, err = admin.users.PasswordReset(t.Context(), &userv2.PasswordResetRequest{UserId: id, Medium: &userv2.PasswordResetRequest_SendLink{
		SendLink: &userv2.SendPasswordResetLink{NotificationType: userv2.NotificationType_NOTIFICATION_TYPE_SMS},
	}})
	must("reset by SMS", err)
	texted := admin.mail(t, phone).GetCode()

	request, err := http.NewRequest(http.MethodPost, n.url()+"/v2/users/"+id+"/lock", strings.NewReader("{}"))
	must("request", err)
	request.Header = http.Header{"Content-Type": {"application/json"}, "User-Agent": {person.personal[7]}, "Authorization": {"Bearer " + n.token()}}
	locked, err := http.DefaultClient.Do(request)
	must("lock", err)
	locked.Body.Close()

	forged := "forged-token-8374629"
	_, _ = n.client(forged).users.ListUsers(t.Context(), &userv2.ListUsersRequest{})
	codes := []string{mailed, added.GetPhoneCode(), reset.GetVerificationCode(), again.GetVerificationCode(), texted}
	for i, code := range codes {
		if !codePattern.MatchString(code) {
			t.Fatalf("code %d is %q", i, code)
		}
	}
	person.secrets = slices.Concat(codes, passwords, []string{n.token(), forged, "$argon2"})
	return person
}

func ptr[T any](v T) *T { return &v }

// columnsWith returns the columns of all tables that hold one of some words.
func (n *server) columnsWith(t testing.TB, words []string) (columns []string) {
	t.Helper()
	conn := n.sql()
	rows, err := conn.Query(t.Context(), `
		select table_schema, table_name, column_name, data_type
		from information_schema.columns join information_schema.tables using (table_schema, table_name)
		where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'`)
	if err != nil {
		t.Fatal(err)
	}
	type column struct{ Schema, Table, Name, Type string }
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[column])
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 50 {
		t.Errorf("only %d columns to look at", len(all))
	}
	for _, c := range all {
		column := pgx.Identifier{c.Name}.Sanitize()
		if c.Type != "bytea" {
			column = "convert_to(" + column + "::text, 'UTF8')"
		}
		sql := fmt.Sprintf(`select count(*) from %s where position($1::bytea in %s) > 0`, pgx.Identifier{c.Schema, c.Table}.Sanitize(), column)
		for _, word := range words {
			var count int
			if err := conn.QueryRow(t.Context(), sql, []byte(word)).Scan(&count); err != nil {
				t.Fatalf("%s: %v", sql, err)
			}
			if count > 0 {
				columns = append(columns, fmt.Sprintf("%s.%s.%s holds %q", c.Schema, c.Table, c.Name, word))
			}
		}
	}
	return columns
}

// search looks for words in all files below a directory, but for the one that hands a token out.
func search(t testing.TB, dir string, words []string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || entry.Name() == "admin.pat" {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		for _, word := range words {
			if bytes.Contains(content, []byte(word)) {
				t.Errorf("%s holds %q", path, word)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files == 0 {
		t.Errorf("there is nothing below %s", dir)
	}
}
