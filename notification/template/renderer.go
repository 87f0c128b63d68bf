package template

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"
	"time"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/signet-iam/signet/notification/channel"
)

//go:embed text
var sources embed.FS

const (
	textLayout = "layout.txt.tmpl"
	htmlLayout = "layout.html.tmpl"
	smsLayout  = "sms.tmpl"
)

// DefaultApplication names the platform in messages unless configured otherwise.
const DefaultApplication = "Signet"

// Config of a Renderer. The zero value is usable.
type Config struct {
	Application string                  // name in messages, at most 60 characters; DefaultApplication if empty
	Links       map[channel.Kind]string // default URL template of each kind
}

// Data is what a message is made of.
type Data struct {
	Kind     channel.Kind
	Channel  channel.Channel
	Language string // BCP 47, as the user prefers it; anything unknown means English

	Application    string // overrides the configured name when not empty, unless it looks like an advertisement
	Name           string // how the user wants to be called
	Username       string
	UserID         string
	OrganizationID string
	Code           string
	CodeID         string // of a passkey registration code
	ValidFor       time.Duration
	URLTemplate    string // of the caller; overrides the default
}

// Content is a rendered message.
type Content struct {
	Subject  string // empty for SMS
	Text     string
	HTML     string // empty for SMS
	Language string
}

// Renderer renders messages. It is safe for concurrent use.
type Renderer struct {
	application string
	links       map[channel.Kind]*link
	languages   []locale
	matcher     language.Matcher
}

// locale holds the texts of one language.
type locale struct {
	name  string
	kinds map[channel.Kind]texts
}

// texts are those of one kind of message: the same sources, once for plain text and once for HTML.
type texts struct {
	text *texttemplate.Template
	html *htmltemplate.Template
}

// supported lists the languages; the first is the fallback.
var supported = []language.Tag{language.English, language.German}

// Languages returns those that messages can be in, as BCP 47 tags; the first is the fallback.
func Languages() []string {
	names := make([]string, len(supported))
	for i, tag := range supported {
		names[i] = tag.String()
	}
	return names
}

// New parses the texts and the default links.
func New(cfg Config) (*Renderer, error) {
	r := &Renderer{application: cfg.Application, links: make(map[channel.Kind]*link), matcher: language.NewMatcher(supported)}
	if r.application == "" {
		r.application = DefaultApplication
	}
	if utf8.RuneCountInString(r.application) > 60 || !printable(r.application) {
		return nil, errors.New("template: the application name must be at most 60 printable characters")
	}
	for kind, source := range cfg.Links {
		l, err := checkedLink(kind, source)
		if err != nil {
			return nil, fmt.Errorf("template: default link of %s: %w", kind, err)
		}
		r.links[kind] = l
	}
	for _, tag := range supported {
		l, err := parseLocale(tag.String())
		if err != nil {
			return nil, err
		}
		r.languages = append(r.languages, l)
	}
	return r, nil
}

func parseLocale(name string) (locale, error) {
	l := locale{name: name, kinds: make(map[channel.Kind]texts)}
	for _, kind := range []channel.Kind{
		channel.EmailVerification, channel.PhoneVerification, channel.PasswordReset, channel.Invitation, channel.PasskeyRegistration,
		channel.SignIn, channel.PasswordChanged,
	} {
		common, special := "text/"+name+"/common.tmpl", "text/"+name+"/"+string(kind)+".tmpl"
		text, err := texttemplate.ParseFS(sources, common, special, "text/"+textLayout, "text/"+smsLayout)
		if err != nil {
			return locale{}, fmt.Errorf("template: %s: %w", name, err)
		}
		html, err := htmltemplate.ParseFS(sources, common, special, "text/"+htmlLayout)
		if err != nil {
			return locale{}, fmt.Errorf("template: %s: %w", name, err)
		}
		l.kinds[kind] = texts{text: text, html: html}
	}
	return l, nil
}

// values are what the texts may use.
type values struct {
	Language    string
	Application string
	Name        string
	Username    string
	Code        string
	CodeID      string
	Minutes     int
	Hours       int // if that is all: Minutes is a multiple, and more than one hour
	Link        string
}

// Render returns the message of data. Errors are faults of the embedded texts, or an unknown kind.
func (r *Renderer) Render(data Data) (Content, error) {
	lang := r.locale(data.Language)
	source, ok := lang.kinds[data.Kind]
	if !ok {
		return Content{}, fmt.Errorf("template: unknown kind %q", data.Kind)
	}
	v := values{
		Language:    lang.name,
		Application: cmp.Or(greetable(data.Application), r.application),
		Name:        greetable(data.Name),
		Username:    identifying(data.Username),
		Code:        data.Code,
		CodeID:      data.CodeID,
		Minutes:     max(int(data.ValidFor.Round(time.Minute)/time.Minute), 1),
	}
	if v.Minutes > 60 && v.Minutes%60 == 0 {
		v.Hours = v.Minutes / 60
	}
	url, asked := r.link(data)
	v.Link = url
	if data.Channel == channel.SMS {
		return source.sms(v, asked)
	}
	return source.mail(v)
}

// locale returns the best of the supported languages.
func (r *Renderer) locale(preferred string) locale {
	tag, err := language.Parse(preferred)
	if err != nil {
		return r.languages[0]
	}
	_, index, confidence := r.matcher.Match(tag)
	if confidence == language.No {
		index = 0
	}
	return r.languages[index]
}

// link returns the link of a message, "" for none, and whether the caller asked for it.
func (r *Renderer) link(data Data) (url string, asked bool) {
	if data.URLTemplate != "" {
		if l, err := parseLink(data.URLTemplate); err == nil {
			if url, err := l.render(data); err == nil {
				return url, true
			}
		}
	}
	if l := r.links[data.Kind]; l != nil {
		if url, err := l.render(data); err == nil {
			return url, false
		}
	}
	return "", false
}

func (t texts) mail(v values) (Content, error) {
	subject, err := t.execute("subject", v)
	if err != nil {
		return Content{}, err
	}
	text, err := t.execute(textLayout, v)
	if err != nil {
		return Content{}, err
	}
	var html strings.Builder
	if err := t.html.ExecuteTemplate(&html, htmlLayout, v); err != nil {
		return Content{}, fmt.Errorf("template: %w", err)
	}
	return Content{Subject: subject, Text: text, HTML: html.String(), Language: v.Language}, nil
}

func (t texts) sms(v values, asked bool) (Content, error) {
	text, err := t.execute(smsLayout, v)
	if err != nil {
		return Content{}, err
	}
	if v.Link != "" && !asked && septets(text) > segment {
		v.Link = ""
		if text, err = t.execute(smsLayout, v); err != nil {
			return Content{}, err
		}
	}
	return Content{Text: text, Language: v.Language}, nil
}

func (t texts) execute(name string, v values) (string, error) {
	var out strings.Builder
	if err := t.text.ExecuteTemplate(&out, name, v); err != nil {
		return "", fmt.Errorf("template: %w", err)
	}
	return out.String(), nil
}
