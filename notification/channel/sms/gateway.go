package sms

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"text/template"
	"time"

	"golang.org/x/net/http/httpguts"

	"github.com/signet-iam/signet/notification/channel"
)

// Format is how a gateway wants its fields.
type Format string

// The formats.
const (
	JSON Format = "json" // an object of strings
	Form Format = "form" // application/x-www-form-urlencoded
)

// GatewayConfig configures a Gateway. URL and Fields are required.
type GatewayConfig struct {
	Name    string // "http" if empty
	URL     string
	Method  string // POST if empty; PUT is the other choice
	Headers map[string]string
	Format  Format // JSON if empty
	// Fields are Go text templates by field name. They know To, Text, From and ID, e.g. {"to": "{{.To}}"}.
	Fields map[string]string
	From   string

	// IdempotencyHeader carries the event's id. "Idempotency-Key" if empty.
	IdempotencyHeader string
	Success           []int // status codes; 2xx if empty
	Permanent         []int // status codes that refuse the message for good; 400, 404 and 422 if empty
	// IDField names the field of a JSON answer that holds the carrier's id of the message. Empty for none.
	IDField string
	Timeout time.Duration // of one request, default 15 s
}

// Gateway sends through a carrier's HTTP interface. It is safe for concurrent use.
type Gateway struct {
	cfg    GatewayConfig
	fields map[string]*template.Template
	client client
}

var _ channel.Provider = (*Gateway)(nil)

// gatewayValues are what field templates know.
type gatewayValues struct {
	To, Text, From, ID string
}

// NewGateway checks the configuration and renders every field once. It does not connect.
func NewGateway(cfg GatewayConfig) (*Gateway, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	g := &Gateway{cfg: cfg, fields: make(map[string]*template.Template), client: newClient(cfg.Timeout, cfg.Success, cfg.Permanent)}
	for name, source := range cfg.Fields {
		t, err := template.New(name).Parse(source)
		if err != nil {
			return nil, fmt.Errorf("sms: gateway: field %q: %w", name, err)
		}
		g.fields[name] = t
	}
	if _, err := g.render(gatewayValues{To: "+10000000000", Text: "text", From: cfg.From, ID: "id"}); err != nil {
		return nil, err
	}
	return g, nil
}

func (c GatewayConfig) withDefaults() GatewayConfig {
	set := func(s *string, value string) {
		if *s == "" {
			*s = value
		}
	}
	set(&c.Name, "http")
	set(&c.Method, http.MethodPost)
	set((*string)(&c.Format), string(JSON))
	set(&c.IdempotencyHeader, "Idempotency-Key")
	if len(c.Permanent) == 0 {
		c.Permanent = []int{http.StatusBadRequest, http.StatusNotFound, http.StatusUnprocessableEntity}
	}
	return c
}

func (c GatewayConfig) validate() error {
	if err := checkURL(c.URL); err != nil {
		return fmt.Errorf("sms: gateway: URL: %w", err)
	}
	if c.Method != http.MethodPost && c.Method != http.MethodPut {
		return fmt.Errorf("sms: gateway: method %q: want POST or PUT", c.Method)
	}
	if c.Format != JSON && c.Format != Form {
		return fmt.Errorf("sms: gateway: format %q: want json or form", c.Format)
	}
	if len(c.Fields) == 0 {
		return errors.New("sms: gateway: no fields")
	}
	if !httpguts.ValidHeaderFieldName(c.IdempotencyHeader) {
		return errors.New("sms: gateway: the idempotency header's name is not valid")
	}
	for name, value := range c.Headers {
		if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
			return fmt.Errorf("sms: gateway: header %q is not valid", name)
		}
	}
	return nil
}

// Name returns the configured name, "http" by default.
func (g *Gateway) Name() string { return g.cfg.Name }

// Send returns the carrier's id of the message if GatewayConfig.IDField says where to find it.
func (g *Gateway) Send(ctx context.Context, m channel.Message) (string, error) {
	body, err := g.render(gatewayValues{To: m.Recipient, Text: m.Text, From: g.cfg.From, ID: m.ID.String()})
	if err != nil {
		return "", channel.Permanent(0, err)
	}
	req, err := http.NewRequestWithContext(ctx, g.cfg.Method, g.cfg.URL, bytes.NewReader(body))
	if err != nil {
		return "", channel.Temporary(0, err)
	}
	req.Header.Set("Content-Type", map[Format]string{JSON: "application/json", Form: "application/x-www-form-urlencoded"}[g.cfg.Format])
	for name, value := range g.cfg.Headers {
		req.Header.Set(name, value)
	}
	req.Header.Set(g.cfg.IdempotencyHeader, m.ID.String())
	answer, err := g.client.do(ctx, req)
	if err != nil {
		return "", err
	}
	return g.carrierID(answer), nil
}

func (g *Gateway) render(values gatewayValues) ([]byte, error) {
	fields := make(map[string]string, len(g.fields))
	for name, t := range g.fields {
		var out strings.Builder
		if err := t.Execute(&out, values); err != nil {
			return nil, fmt.Errorf("sms: gateway: field %q: %w", name, err)
		}
		fields[name] = out.String()
	}
	if g.cfg.Format == JSON {
		return json.Marshal(fields)
	}
	form := make(url.Values, len(fields))
	for name, value := range fields {
		form.Set(name, value)
	}
	return []byte(form.Encode()), nil
}

func (g *Gateway) carrierID(answer []byte) string {
	if g.cfg.IDField == "" {
		return ""
	}
	var fields map[string]any
	if json.Unmarshal(answer, &fields) != nil {
		return ""
	}
	switch id := fields[g.cfg.IDField].(type) {
	case string:
		return bounded(id)
	case float64:
		return bounded(fmt.Sprintf("%.0f", id))
	}
	return ""
}
