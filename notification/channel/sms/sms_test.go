package sms

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/signet-iam/signet/notification/channel"
)

var message = channel.Message{
	ID: uuid.MustParse("01890a5d-ac96-774b-bcce-b302099a8057"), Tenant: "default", UserID: "user-1",
	Channel: channel.SMS, Kind: channel.PhoneVerification,
	Recipient: "+491701234567", Text: "Signet: K7M2QX ist der Code & gültig", Code: "K7M2QX", Language: "de",
}

// request is what a carrier saw.
type request struct {
	method, path, body, user, password string
	header                             http.Header
}

// carrier answers every request alike and hands it to the test.
func carrier(t *testing.T, status int, header map[string]string, body string) (string, <-chan request) {
	t.Helper()
	seen := make(chan request, 4)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		content, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		user, password, _ := r.BasicAuth()
		seen <- request{r.Method, r.URL.Path, string(content), user, password, r.Header}
		for name, value := range header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return server.URL, seen
}

func newTwilio(t *testing.T, change func(*TwilioConfig)) *Twilio {
	t.Helper()
	cfg := TwilioConfig{AccountSID: "AC1", Secret: "token", From: "+15005550006"}
	change(&cfg)
	twilio, err := NewTwilio(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return twilio
}

func newGateway(t *testing.T, cfg GatewayConfig) *Gateway {
	t.Helper()
	gateway, err := NewGateway(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return gateway
}

func TestTwilioTakesAMessage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change     func(*TwilioConfig)
		user, body string
	}{
		"from a number, with the auth token": {
			func(*TwilioConfig) {}, "AC1",
			"Body=Signet%3A+K7M2QX+ist+der+Code+%26+g%C3%BCltig&From=%2B15005550006&To=%2B491701234567",
		},
		"from a service, with an API key": {
			func(c *TwilioConfig) { c.From, c.MessagingServiceSID, c.KeySID = "", "MG1", "SK1" }, "SK1",
			"Body=Signet%3A+K7M2QX+ist+der+Code+%26+g%C3%BCltig&MessagingServiceSid=MG1&To=%2B491701234567",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, seen := carrier(t, http.StatusCreated, nil, `{"sid":"SM42","status":"queued"}`)
			twilio := newTwilio(t, func(c *TwilioConfig) { test.change(c); c.BaseURL = url + "/" })
			id, err := twilio.Send(t.Context(), message)
			if err != nil || id != "SM42" {
				t.Fatalf("got %q, %v", id, err)
			}
			got := <-seen
			if got.method != http.MethodPost || got.path != "/2010-04-01/Accounts/AC1/Messages.json" {
				t.Errorf("got %s %s", got.method, got.path)
			}
			if got.user != test.user || got.password != "token" {
				t.Errorf("authenticated as %q", got.user)
			}
			if got.body != test.body {
				t.Errorf("got body %s, want %s", got.body, test.body)
			}
		})
	}
}

func TestGatewayTakesAMessage(t *testing.T) {
	t.Parallel()
	fields := map[string]string{"to": "{{.To}}", "text": "{{.Text}}", "sender": "{{.From}}", "ref": "signet-{{.ID}}"}
	for name, test := range map[string]struct {
		cfg     GatewayConfig
		answer  string
		status  int
		want    map[string]string // headers
		body    string
		id, key string
	}{
		"JSON": {
			cfg:    GatewayConfig{Headers: map[string]string{"Authorization": "Bearer x"}, IDField: "id"},
			status: 202, answer: `{"id":77}`, id: "77", key: "Idempotency-Key",
			want: map[string]string{"Content-Type": "application/json", "Authorization": "Bearer x"},
			body: `{"ref":"signet-01890a5d-ac96-774b-bcce-b302099a8057","sender":"Signet",` +
				`"text":"Signet: K7M2QX ist der Code \u0026 gültig","to":"+491701234567"}`,
		},
		"form, own key header, own success": {
			cfg:    GatewayConfig{Method: http.MethodPut, Format: Form, IdempotencyHeader: "X-Ref", Success: []int{418}, IDField: "id"},
			status: 418, answer: `no JSON`, id: "", key: "X-Ref",
			want: map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
			body: "ref=signet-01890a5d-ac96-774b-bcce-b302099a8057&sender=Signet&" +
				"text=Signet%3A+K7M2QX+ist+der+Code+%26+g%C3%BCltig&to=%2B491701234567",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := test.cfg
			var seen <-chan request
			cfg.URL, seen = carrier(t, test.status, nil, test.answer)
			cfg.Fields, cfg.From = fields, "Signet"
			id, err := newGateway(t, cfg).Send(t.Context(), message)
			if err != nil || id != test.id {
				t.Fatalf("got %q, %v", id, err)
			}
			got := <-seen
			if got.body != test.body {
				t.Errorf("got body %s, want %s", got.body, test.body)
			}
			want := maps.Clone(test.want)
			want[test.key] = message.ID.String()
			for name, value := range want {
				if got.header.Get(name) != value {
					t.Errorf("header %s: got %q, want %q", name, got.header.Get(name), value)
				}
			}
		})
	}
}

func TestStatusesAreClassified(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status int
		header map[string]string
		class  channel.Class
		wait   time.Duration
	}{
		{status: 400, class: channel.ClassPermanent},
		{status: 401, class: channel.ClassTemporary},
		{status: 403, class: channel.ClassTemporary},
		{status: 429, header: map[string]string{"Retry-After": "7"}, class: channel.ClassTemporary, wait: 7 * time.Second},
		{status: 429, header: map[string]string{"Retry-After": "999999999"}, class: channel.ClassTemporary, wait: maxRetryAfter},
		{status: 429, header: map[string]string{"Retry-After": "-1"}, class: channel.ClassTemporary},
		{status: 500, class: channel.ClassTemporary},
		{status: 503, class: channel.ClassTemporary},
		{status: 307, header: map[string]string{"Location": "http://elsewhere.invalid/"}, class: channel.ClassTemporary},
	} {
		t.Run(http.StatusText(test.status), func(t *testing.T) {
			t.Parallel()
			url, seen := carrier(t, test.status, test.header, `{"message":"`+message.Recipient+` is bad"}`)
			providers := []channel.Provider{
				newTwilio(t, func(c *TwilioConfig) { c.BaseURL = url }),
				newGateway(t, GatewayConfig{URL: url, Fields: map[string]string{"to": "{{.To}}"}}),
			}
			for _, p := range providers {
				_, err := p.Send(t.Context(), message)
				failed, ok := errors.AsType[*channel.Error](err)
				if !ok || failed.Class != test.class || failed.Code != test.status || failed.RetryAfter != test.wait {
					t.Errorf("%s: got %#v", p.Name(), err)
				}
				if strings.Contains(err.Error(), message.Recipient) {
					t.Errorf("%s: the error quotes the recipient: %v", p.Name(), err)
				}
				<-seen
			}
		})
	}
}

func TestBrokenConnections(t *testing.T) {
	t.Parallel()
	fields := map[string]string{"to": "{{.To}}"}

	t.Run("never opened", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(http.NotFoundHandler())
		server.Close()
		_, err := newGateway(t, GatewayConfig{URL: server.URL, Fields: fields}).Send(t.Context(), message)
		if got := channel.Classify(err).Class; got != channel.ClassTemporary {
			t.Errorf("got %s: %v", got, errors.Unwrap(err))
		}
	})

	t.Run("cut off after the request", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
		t.Cleanup(server.Close)
		_, err := newTwilio(t, func(c *TwilioConfig) { c.BaseURL = server.URL }).Send(t.Context(), message)
		if got := channel.Classify(err).Class; got != channel.ClassUncertain {
			t.Errorf("got %s: %v", got, errors.Unwrap(err))
		}
	})

	t.Run("given up by the caller", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		released := make(chan struct{})
		server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { cancel(); <-released }))
		t.Cleanup(server.Close)
		t.Cleanup(func() { close(released) })
		_, err := newGateway(t, GatewayConfig{URL: server.URL, Fields: fields}).Send(ctx, message)
		if got := channel.Classify(err).Class; got != channel.ClassUncertain {
			t.Errorf("got %s: %v", got, errors.Unwrap(err))
		}
	})
}

func TestHugeAnswersAreCut(t *testing.T) {
	t.Parallel()
	answer, err := json.Marshal(map[string]string{"id": strings.Repeat("x", 1000)})
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]string{"to": "{{.To}}"}
	url, _ := carrier(t, 200, nil, string(answer))
	id, err := newGateway(t, GatewayConfig{URL: url, Fields: fields, IDField: "id"}).Send(t.Context(), message)
	if err != nil || len(id) != 100 {
		t.Errorf("got an id of %d bytes, %v", len(id), err)
	}
	url, _ = carrier(t, 200, nil, `{"id":"`+strings.Repeat("x", maxAnswer)+`"}`)
	id, err = newGateway(t, GatewayConfig{URL: url, Fields: fields, IDField: "id"}).Send(t.Context(), message)
	if err != nil || id != "" {
		t.Errorf("got an id of %d bytes, %v", len(id), err)
	}
}

func TestConfigurationIsChecked(t *testing.T) {
	t.Parallel()
	fields := map[string]string{"to": "{{.To}}"}
	for name, cfg := range map[string]GatewayConfig{
		"no URL":         {Fields: fields},
		"relative URL":   {URL: "/send", Fields: fields},
		"no fields":      {URL: "https://sms.example"},
		"method":         {URL: "https://sms.example", Fields: fields, Method: "GET"},
		"format":         {URL: "https://sms.example", Fields: fields, Format: "xml"},
		"header name":    {URL: "https://sms.example", Fields: fields, Headers: map[string]string{"a b": "c"}},
		"header value":   {URL: "https://sms.example", Fields: fields, Headers: map[string]string{"a": "c\r\nd"}},
		"key header":     {URL: "https://sms.example", Fields: fields, IdempotencyHeader: "a b"},
		"broken field":   {URL: "https://sms.example", Fields: map[string]string{"to": "{{.To"}},
		"unknown values": {URL: "https://sms.example", Fields: map[string]string{"to": "{{.Nope}}"}},
	} {
		if _, err := NewGateway(cfg); err == nil {
			t.Errorf("gateway: %s: accepted", name)
		}
	}
	for name, cfg := range map[string]TwilioConfig{
		"no account":  {Secret: "s", From: "+1"},
		"no secret":   {AccountSID: "AC", From: "+1"},
		"no sender":   {AccountSID: "AC", Secret: "s"},
		"two senders": {AccountSID: "AC", Secret: "s", From: "+1", MessagingServiceSID: "MG"},
		"base URL":    {AccountSID: "AC", Secret: "s", From: "+1", BaseURL: "ftp://x"},
	} {
		if _, err := NewTwilio(cfg); err == nil {
			t.Errorf("twilio: %s: accepted", name)
		}
	}
}
