package sms

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/signet-iam/signet/notification/channel"
)

// TwilioConfig configures a Twilio. The account, a credential and a sender are required.
type TwilioConfig struct {
	Name       string // "twilio" if empty
	AccountSID string
	// KeySID and Secret are an API key; without KeySID, Secret is the account's auth token.
	KeySID string
	Secret string
	// One of them names the sender.
	From                string // E.164 number or alphanumeric sender
	MessagingServiceSID string

	BaseURL string        // "https://api.twilio.com" if empty
	Timeout time.Duration // of one request, default 15 s
}

// Twilio sends through Twilio's Programmable Messaging API. It is safe for concurrent use.
type Twilio struct {
	cfg      TwilioConfig
	endpoint string
	client   client
}

var _ channel.Provider = (*Twilio)(nil)

// NewTwilio checks the configuration. It does not connect.
func NewTwilio(cfg TwilioConfig) (*Twilio, error) {
	if cfg.Name == "" {
		cfg.Name = "twilio"
	}
	if cfg.BaseURL == "" {
		cfg.BaseURL = "https://api.twilio.com"
	}
	if cfg.AccountSID == "" || cfg.Secret == "" {
		return nil, errors.New("sms: twilio: account and credential are required")
	}
	if (cfg.From == "") == (cfg.MessagingServiceSID == "") {
		return nil, errors.New("sms: twilio: exactly one of sender number and messaging service is required")
	}
	if err := checkURL(cfg.BaseURL); err != nil {
		return nil, fmt.Errorf("sms: twilio: base URL: %w", err)
	}
	endpoint := strings.TrimSuffix(cfg.BaseURL, "/") + "/2010-04-01/Accounts/" + url.PathEscape(cfg.AccountSID) + "/Messages.json"
	return &Twilio{
		cfg:      cfg,
		endpoint: endpoint,
		client:   newClient(cfg.Timeout, nil, []int{http.StatusBadRequest}),
	}, nil
}

// Name returns the configured name, "twilio" by default.
func (t *Twilio) Name() string { return t.cfg.Name }

// Send returns the SID of the message.
func (t *Twilio) Send(ctx context.Context, m channel.Message) (string, error) {
	form := url.Values{"To": {m.Recipient}, "Body": {m.Text}}
	if t.cfg.MessagingServiceSID != "" {
		form.Set("MessagingServiceSid", t.cfg.MessagingServiceSID)
	} else {
		form.Set("From", t.cfg.From)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return "", channel.Temporary(0, err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	user := t.cfg.AccountSID
	if t.cfg.KeySID != "" {
		user = t.cfg.KeySID
	}
	req.SetBasicAuth(user, t.cfg.Secret)

	body, err := t.client.do(ctx, req)
	if err != nil {
		return "", err
	}
	var created struct {
		SID string `json:"sid"`
	}
	_ = json.Unmarshal(body, &created) // the message is taken, named or not
	return bounded(created.SID), nil
}

// checkURL accepts absolute http and https URLs.
func checkURL(source string) error {
	parsed, err := url.Parse(source)
	if err != nil {
		return errors.New("it is no URL")
	}
	if (parsed.Scheme != "https" && parsed.Scheme != "http") || parsed.Host == "" {
		return errors.New("want an absolute http or https URL")
	}
	return nil
}

// bounded keeps a carrier's id short and printable enough for an event.
func bounded(id string) string {
	return strings.ToValidUTF8(id[:min(len(id), 100)], "")
}
