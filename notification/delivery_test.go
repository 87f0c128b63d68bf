package notification_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/notification"
	"github.com/signet-iam/signet/notification/channel"
	"github.com/signet-iam/signet/notification/channel/email"
	"github.com/signet-iam/signet/notification/channel/email/emailtest"
	"github.com/signet-iam/signet/notification/channel/sms"
)

func TestMailArrives(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	server := emailtest.New(t, emailtest.Options{})
	w.start(provide(channel.Email, w.smtp(server)))

	for _, test := range []struct {
		name, language, subject, text string
		topic                         announce
		template                      string
	}{
		{name: "verify-en", language: "en", topic: emailCode, subject: "Signet: confirm your email address", text: "Hello Ada verify-en,"},
		{name: "verify-de", language: "de-CH", topic: emailCode, subject: "Signet: E-Mail-Adresse bestätigen", text: "Guten Tag Ada verify-de,"},
		{name: "reset-en", language: "und", topic: passwordCode, subject: "Signet: set a new password", text: "account (reset-en-name)"},
		{
			name: "link", language: "en", topic: passwordCode, subject: "Signet: set a new password",
			template: "https://app.example/reset?u={{.UserID}}&c={{.Code}}&o={{.OrgID}}",
			text:     "https://app.example/reset?u=link&c=K7M2QX&o=org-1",
		},
		{
			name: "invite-en", language: "en", topic: inviteCode, subject: "Harbour Works: you are invited",
			text: "made for you at Harbour Works.",
		},
		{
			name: "invite-de", language: "de", topic: inviteCode, subject: "Harbour Works: Sie sind eingeladen",
			template: "https://app.example/invite?u={{.UserID}}&c={{.Code}}", text: "https://app.example/invite?u=invite-de&c=K7M2QX",
		},
		{
			name: "passkey-en", language: "en", topic: passkeyCode("code-1"), subject: "Signet: add a passkey",
			template: "https://app.example/passkey?u={{.UserID}}&o={{.OrgID}}&i={{.CodeID}}&c={{.Code}}",
			text:     "https://app.example/passkey?u=passkey-en&o=org-1&i=code-1&c=K7M2QX",
		},
		{name: "sign-in-en", language: "en", topic: emailSignIn("a"), subject: "Signet: your sign-in code", text: "account (sign-in-en-name)"},
		{name: "sign-in-de", language: "de", topic: emailSignIn("a"), subject: "Signet: Ihr Anmeldecode", text: "Geben Sie den Code niemandem."},
		{name: "passkey-de", language: "de", topic: passkeyCode("code-1"), subject: "Signet: Passkey hinzufügen", text: "Nummer code-1 ein:"},
	} {
		id := w.addUser(test.name, test.language).ask(test.topic, order{template: test.template})
		mail := w.receive(server)
		if mail.To != test.name+"@example.org" || mail.Header.Get("Subject") != test.subject {
			t.Errorf("%s: to %s, subject %q", test.name, mail.To, mail.Header.Get("Subject"))
		}
		for _, want := range []string{code, test.text} {
			if !strings.Contains(mail.Text, want) {
				t.Errorf("%s: %q is missing in:\n%s", test.name, want, mail.Text)
			}
		}
		if !strings.Contains(mail.HTML, code) || mail.Header.Get(email.RepeatHeader) != "" {
			t.Errorf("%s: repeat %q, HTML:\n%s", test.name, mail.Header.Get(email.RepeatHeader), mail.HTML)
		}
		got := w.delivered(id)
		want := []proto.Message{
			&eventv1.DeliveryAttempted{Attempt: 1, Channel: "email", Provider: "smtp"},
			&eventv1.DeliverySent{Channel: "email", Provider: "smtp", ProviderMessageId: mail.Header.Get("Message-Id")},
		}
		if len(got) != len(want) || !proto.Equal(got[0], want[0]) || !proto.Equal(got[1], want[1]) {
			t.Errorf("%s: delivery stream: %v", test.name, got)
		}
		w.gone(id)
	}
}

func TestOutcomeNamesItsCauseAndOwner(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start(provide(channel.Email, taking("first")))
	id := w.addUser("ada", "en").ask(emailCode, order{})
	w.delivered(id)
	stream := eventstore.StreamID{Tenant: tenant, Kind: "delivery", ID: id.String()}
	events, err := w.store.ReadStream(w.ctx(), stream, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, ev := range events {
		if ev.Cause != id || ev.Actor != "system" {
			t.Errorf("%s: cause %s, actor %s", ev.Type, ev.Cause, ev.Actor)
		}
	}
	head, err := w.store.StreamHead(w.ctx(), stream)
	if err != nil || head.Owner != orgID {
		t.Errorf("owner %q, %v", head.Owner, err)
	}
}

//nolint:tparallel // both providers talk to one carrier, one after the other
func TestSMSArrives(t *testing.T) {
	t.Parallel()
	bodies := make(chan string, 2)
	carrier := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		bodies <- r.Header.Get("Idempotency-Key") + string(body)
		_, _ = io.WriteString(rw, `{"sid":"SM1"}`)
	}))
	t.Cleanup(carrier.Close)
	twilio, err := sms.NewTwilio(sms.TwilioConfig{AccountSID: "AC1", Secret: "s", From: "Signet", BaseURL: carrier.URL})
	if err != nil {
		t.Fatal(err)
	}
	gateway, err := sms.NewGateway(sms.GatewayConfig{
		URL: carrier.URL, Format: sms.Form, Fields: map[string]string{"To": "{{.To}}", "Body": "{{.Text}}"}, IDField: "sid",
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		provider channel.Provider
		topic    announce
		text     string
	}{
		{twilio, phoneCode, "Signet: K7M2QX ist der Code zum Bestätigen Ihrer Telefonnummer. Gültig 60 Min."},
		{gateway, passwordCode, "Signet: K7M2QX ist der Code für ein neues Passwort. Geben Sie ihn niemandem. Gültig 60 Min."},
	} {
		t.Run(test.provider.Name(), func(t *testing.T) {
			w := newWorld(t)
			w.start(provide(channel.SMS, test.provider))
			id := w.addUser("ada", "de").ask(test.topic, order{medium: eventv1.CodeMedium_CODE_MEDIUM_SMS})
			got := w.delivered(id)
			body, key := <-bodies, ""
			if test.provider == gateway {
				key = id.String()
			}
			sent, err := url.ParseQuery(strings.TrimPrefix(body, key))
			if err != nil || sent.Get("To") != "+4917012345678" || sent.Get("Body") != test.text {
				t.Errorf("the carrier got %q, %v", body, err)
			}
			want := &eventv1.DeliverySent{Channel: "sms", Provider: test.provider.Name(), ProviderMessageId: "SM1"}
			if !proto.Equal(got[len(got)-1], want) {
				t.Errorf("delivery stream: %v", got)
			}
		})
	}
}

func TestReturnedCodesAreNotSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	provider := taking("first")
	w.start(provide(channel.Email, provider))
	u := w.addUser("ada", "en")
	returned := u.ask(emailCode, order{medium: eventv1.CodeMedium_CODE_MEDIUM_RETURNED})
	sent := u.ask(passwordCode, order{})
	w.delivered(sent)
	if calls := provider.calls(); len(calls) != 1 || calls[0].ID != sent {
		t.Errorf("sent %v", calls)
	}
	if got := w.delivery(returned); len(got) != 0 {
		t.Errorf("delivery stream: %v", got)
	}
}

func TestVoidCodesAreAbandoned(t *testing.T) {
	t.Parallel()
	smsOrder := order{medium: eventv1.CodeMedium_CODE_MEDIUM_SMS}
	for name, test := range map[string]struct {
		topic  announce
		order  order
		then   func(w *world, u *user)
		reason string
	}{
		"user removed": {topic: emailCode, reason: "user_removed", then: func(_ *world, u *user) {
			u.append(&eventv1.UserRemoved{})
		}},
		"user removed and added anew": {topic: emailCode, reason: "user_removed", then: func(_ *world, u *user) {
			u.append(&eventv1.UserRemoved{}, &eventv1.UserHumanAdded{OrganizationId: orgID, Email: "other@example.org"})
		}},
		"user erased": {topic: emailCode, reason: "erased", then: func(w *world, u *user) {
			w.exec("delete from eventstore.data_keys where tenant = $1 and subject = $2", tenant, u.id)
			w.vault.Forget(tenant, u.id)
		}},
		"email verified":      {topic: emailCode, reason: "superseded", then: func(_ *world, u *user) { u.append(&eventv1.UserEmailVerified{}) }},
		"email changed":       {topic: emailCode, reason: "superseded", then: func(_ *world, u *user) { u.append(&eventv1.UserEmailChanged{Email: "new@example.org"}) }},
		"email code blocked":  {topic: emailCode, reason: "superseded", then: func(_ *world, u *user) { u.append(&eventv1.UserEmailCodeBlocked{Attempts: 5}) }},
		"phone verified":      {topic: phoneCode, order: smsOrder, reason: "superseded", then: func(_ *world, u *user) { u.append(&eventv1.UserPhoneVerified{}) }},
		"phone changed":       {topic: phoneCode, order: smsOrder, reason: "superseded", then: func(_ *world, u *user) { u.append(&eventv1.UserPhoneChanged{Phone: "+1"}) }},
		"phone removed":       {topic: phoneCode, order: smsOrder, reason: "superseded", then: func(_ *world, u *user) { u.append(&eventv1.UserPhoneRemoved{}) }},
		"password changed":    {topic: passwordCode, reason: "superseded", then: func(_ *world, u *user) { u.append(&eventv1.UserPasswordChanged{}) }},
		"reset to old email":  {topic: passwordCode, reason: "superseded", then: func(_ *world, u *user) { u.append(&eventv1.UserEmailChanged{Email: "new@example.org"}) }},
		"invited anew":        {topic: inviteCode, reason: "superseded", then: func(_ *world, u *user) { u.append(inviteCode(&eventv1.Code{})) }},
		"invite accepted":     {topic: inviteCode, reason: "superseded", then: func(_ *world, u *user) { u.append(&eventv1.UserInviteAccepted{}) }},
		"invite code blocked": {topic: inviteCode, reason: "superseded", then: func(_ *world, u *user) { u.append(&eventv1.UserInviteCodeBlocked{Attempts: 5}) }},
		"invite to old email": {topic: inviteCode, reason: "superseded", then: func(_ *world, u *user) { u.append(&eventv1.UserEmailChanged{Email: "new@example.org"}) }},
		"invited and removed": {topic: inviteCode, reason: "user_removed", then: func(_ *world, u *user) { u.append(&eventv1.UserRemoved{}) }},
		"passkey registered": {topic: passkeyCode("a"), reason: "superseded", then: func(_ *world, u *user) {
			u.append(&eventv1.UserPasskeyCodeUsed{CodeId: "b"}, &eventv1.UserPasskeyCodeUsed{CodeId: "a"})
		}},
		"passkey code blocked": {topic: passkeyCode("a"), reason: "superseded", then: func(_ *world, u *user) {
			u.append(&eventv1.UserPasskeyCodeBlocked{CodeId: "a", Attempts: 5})
		}},
		"passkey to old email": {topic: passkeyCode("a"), reason: "superseded", then: func(_ *world, u *user) {
			u.append(&eventv1.UserEmailChanged{Email: "new@example.org"})
		}},
		"passkey and removed": {topic: passkeyCode("a"), reason: "user_removed", then: func(_ *world, u *user) { u.append(&eventv1.UserRemoved{}) }},
		"sign-in by email done": {topic: emailSignIn("a"), reason: "superseded", then: func(_ *world, u *user) {
			u.append(&eventv1.UserOTPEmailCodeUsed{CodeId: "b"}, &eventv1.UserOTPEmailCodeUsed{CodeId: "a"})
		}},
		"sign-in by SMS done": {topic: smsSignIn("a"), order: smsOrder, reason: "superseded", then: func(_ *world, u *user) {
			u.append(&eventv1.UserOTPSMSCodeUsed{CodeId: "b"}, &eventv1.UserOTPSMSCodeUsed{CodeId: "a"})
		}},
		"sign-in code guessed at": {topic: emailSignIn("a"), reason: "superseded", then: func(_ *world, u *user) {
			u.append(&eventv1.UserOTPEmailCodeBlocked{CodeId: "a", Attempts: 5})
		}},
		"no more codes by email": {topic: emailSignIn("a"), reason: "superseded", then: func(_ *world, u *user) { u.append(&eventv1.UserOTPEmailRemoved{}) }},
		"no more codes by SMS": {topic: smsSignIn("a"), order: smsOrder, reason: "superseded", then: func(_ *world, u *user) {
			u.append(&eventv1.UserOTPSMSRemoved{})
		}},
		"sign-in to old email": {topic: emailSignIn("a"), reason: "superseded", then: func(_ *world, u *user) {
			u.append(&eventv1.UserEmailChanged{Email: "new@example.org"})
		}},
		"reset to old number": {topic: passwordCode, order: smsOrder, reason: "superseded", then: func(_ *world, u *user) { u.append(&eventv1.UserPhoneChanged{Phone: "+1"}) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			provider := taking("first")
			u := w.addUser("ada", "en")
			id := u.ask(test.topic, test.order)
			test.then(w, u)
			w.start(func(cfg *notification.Config) {
				provide(channel.Email, provider)(cfg)
				provide(channel.SMS, provider)(cfg)
			})
			got := w.delivered(id)
			if len(got) != 1 || !proto.Equal(got[0], &eventv1.DeliveryAbandoned{Reason: test.reason}) {
				t.Errorf("delivery stream: %v", got)
			}
			if calls := provider.calls(); len(calls) != 0 {
				t.Errorf("sent %v", calls)
			}
			w.gone(id)
		})
	}
}

func TestOnlyTheLatestCodeIsSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	provider := taking("first")
	u := w.addUser("ada", "en")
	first, second := u.ask(emailCode, order{}), u.ask(emailCode, order{code: "SECOND"})
	reset := u.ask(passwordCode, order{}) // another topic supersedes nothing
	w.start(provide(channel.Email, provider))
	if got := types(w.delivered(first)); got != "DeliveryAbandoned" {
		t.Errorf("first: %s", got)
	}
	if got := types(w.delivered(second)); got != "DeliveryAttempted DeliverySent" {
		t.Errorf("second: %s", got)
	}
	if got := types(w.delivered(reset)); got != "DeliveryAttempted DeliverySent" {
		t.Errorf("reset: %s", got)
	}
}

// Of passkey codes several may be pending: none voids another, nor does what becomes of another.
func TestPasskeyCodesAreSentSideBySide(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	provider := taking("first")
	u := w.addUser("ada", "en")
	first, second := u.ask(passkeyCode("a"), order{}), u.ask(passkeyCode("b"), order{code: "SECOND"})
	third := u.ask(passkeyCode("c"), order{})
	u.append(&eventv1.UserPasskeyCodeUsed{CodeId: "c"}, &eventv1.UserPasskeyCodeBlocked{CodeId: "d", Attempts: 5})
	w.start(provide(channel.Email, provider))
	for name, id := range map[string]uuid.UUID{"first": first, "second": second} {
		if got := types(w.delivered(id)); got != "DeliveryAttempted DeliverySent" {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := types(w.delivered(third)); got != "DeliveryAbandoned" {
		t.Errorf("third: %s", got)
	}
	for _, m := range provider.calls() {
		if m.Kind != channel.PasskeyRegistration {
			t.Errorf("a message of kind %q", m.Kind)
		}
	}
}

// Each sign-in has a code of its own: what becomes of one does not touch the others, nor those that take the other way.
func TestCodesToSignInWithAreSentSideBySide(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mail, phone := taking("mail"), taking("phone")
	u := w.addUser("ada", "en")
	byEmail, again := u.ask(emailSignIn("a"), order{}), u.ask(emailSignIn("b"), order{code: "22222222"})
	bySMS := u.ask(smsSignIn("c"), order{medium: eventv1.CodeMedium_CODE_MEDIUM_SMS, code: "33333333"})
	u.append(&eventv1.UserOTPEmailCodeUsed{CodeId: "c"}, &eventv1.UserOTPSMSCodeBlocked{CodeId: "a", Attempts: 5})
	w.start(func(cfg *notification.Config) {
		provide(channel.Email, mail)(cfg)
		provide(channel.SMS, phone)(cfg)
	})
	for name, id := range map[string]uuid.UUID{"by email": byEmail, "by email again": again, "by SMS": bySMS} {
		if got := types(w.delivered(id)); got != "DeliveryAttempted DeliverySent" {
			t.Errorf("%s: %s", name, got)
		}
	}
	if mails, texts := mail.calls(), phone.calls(); len(mails) != 2 || len(texts) != 1 || texts[0].Kind != channel.SignIn ||
		!strings.Contains(texts[0].Text, "33333333 is your sign-in code") {
		t.Errorf("mails %v, texts %v", mails, texts)
	}
}

func TestUserComesBackUnderTheSameID(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	provider := taking("first")
	w.start(provide(channel.Email, provider))
	u := w.addUser("ada", "en")
	w.delivered(u.ask(emailCode, order{}))
	u.append(&eventv1.UserRemoved{})
	w.exec("delete from eventstore.data_keys where tenant = $1 and subject = $2", tenant, u.id)

	// Another process adds the user anew; this one still has the old key in its cache.
	key, wrapped, err := w.vault.NewKey(tenant, u.id)
	if err != nil {
		t.Fatal(err)
	}
	u.key, u.newKeys = key, []eventstore.DataKey{{Subject: u.id, Wrapped: wrapped}}
	u.append(&eventv1.UserHumanAdded{OrganizationId: orgID, Username: "again", Email: "again@example.org"})
	w.delivered(u.ask(emailCode, order{code: "SECOND"}))
	calls := provider.calls()
	if len(calls) != 2 || calls[1].Recipient != "again@example.org" || calls[1].Code != "SECOND" {
		t.Errorf("sent %d messages, the last to %q", len(calls), calls[len(calls)-1].Recipient)
	}
}

func TestNothingToSendTo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start(provide(channel.SMS, taking("first")))
	u := w.addUser("ada", "en")
	u.append(&eventv1.UserPhoneRemoved{})
	noPhone := u.ask(passwordCode, order{medium: eventv1.CodeMedium_CODE_MEDIUM_SMS})
	noProvider := w.addUser("bob", "en").ask(emailCode, order{})
	if got := w.delivered(noPhone); !proto.Equal(got[0], &eventv1.DeliveryAbandoned{Reason: "no_recipient"}) {
		t.Errorf("without a phone: %v", got)
	}
	if got := w.delivered(noProvider); !proto.Equal(got[0], &eventv1.DeliveryAbandoned{Reason: "no_provider"}) {
		t.Errorf("without a provider: %v", got)
	}
}
