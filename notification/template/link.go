package template

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	texttemplate "text/template"
	"text/template/parse"

	"github.com/signet-iam/signet/notification/channel"
)

const (
	maxTemplate = 2048 // bytes of a URL template
	maxLink     = 2048 // bytes of a URL
)

// ErrLink says that a URL template is not acceptable, or yields no acceptable URL.
var ErrLink = errors.New("template: URL template")

// link is a checked URL template.
type link struct {
	template *texttemplate.Template
}

// linkValues are the names a URL template knows, and their values. A template that uses another name yields nothing.
func linkValues(data Data) map[string]string {
	values := map[string]string{
		"UserID": url.QueryEscape(data.UserID),
		"Code":   url.QueryEscape(data.Code),
		"OrgID":  url.QueryEscape(data.OrganizationID),
	}
	if data.Kind == channel.PasskeyRegistration {
		values["CodeID"] = url.QueryEscape(data.CodeID)
	}
	return values
}

// linkFunctions are all that a URL template may call. Values come escaped, so urlquery has nothing left to do.
func linkFunctions() texttemplate.FuncMap {
	return texttemplate.FuncMap{
		"urlquery": func(s string) string { return s },
	}
}

// ValidateLink reports whether a URL template can be used for a kind of message: ErrLink.
func ValidateLink(kind channel.Kind, source string) error {
	_, err := checkedLink(kind, source)
	return err
}

// checkedLink parses a template and tries it out.
func checkedLink(kind channel.Kind, source string) (*link, error) {
	l, err := parseLink(source)
	if err != nil {
		return nil, err
	}
	_, err = l.render(Data{Kind: kind, UserID: "id", OrganizationID: "org", CodeID: "number", Code: "CODE"})
	return l, err
}

func parseLink(source string) (*link, error) {
	if len(source) > maxTemplate {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrLink, maxTemplate)
	}
	t, err := texttemplate.New("url").Option("missingkey=error").Funcs(linkFunctions()).Parse(source)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLink, err)
	}
	if len(t.Templates()) > 1 {
		return nil, fmt.Errorf("%w: it defines templates", ErrLink)
	}
	if t.Tree == nil || !acceptable(t.Root) {
		return nil, fmt.Errorf("%w: it does more than insert values", ErrLink)
	}
	return &link{template: t}, nil
}

// acceptable walks a template and accepts only nodes whose output is bounded by the template's own length: text, values and
// conditions.
func acceptable(node parse.Node) bool {
	switch n := node.(type) {
	case *parse.ListNode:
		if n == nil {
			return true
		}
		for _, child := range n.Nodes {
			if !acceptable(child) {
				return false
			}
		}
		return true
	case *parse.TextNode, *parse.CommentNode:
		return true
	case *parse.ActionNode:
		return acceptable(n.Pipe)
	case *parse.IfNode:
		return acceptable(n.Pipe) && acceptable(n.List) && acceptable(n.ElseList)
	case *parse.PipeNode:
		if len(n.Decl) > 0 {
			return false
		}
		for _, command := range n.Cmds {
			for _, arg := range command.Args {
				if !acceptable(arg) {
					return false
				}
			}
		}
		return true
	case *parse.FieldNode, *parse.StringNode:
		return true
	case *parse.IdentifierNode:
		switch n.Ident {
		case "urlquery", "and", "or", "not", "eq", "ne":
			return true
		}
	}
	return false
}

// render returns an absolute http or https URL.
func (l *link) render(data Data) (string, error) {
	var out strings.Builder
	if err := l.template.Execute(&out, linkValues(data)); err != nil {
		return "", fmt.Errorf("%w: %w", ErrLink, err)
	}
	if out.Len() > maxLink {
		return "", fmt.Errorf("%w: the URL has more than %d bytes", ErrLink, maxLink)
	}
	parsed, err := url.Parse(out.String())
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrLink, err)
	}
	if (parsed.Scheme != "https" && parsed.Scheme != "http") || parsed.Host == "" {
		return "", fmt.Errorf("%w: it yields no absolute http or https URL", ErrLink)
	}
	if strings.ContainsAny(out.String(), " \t\r\n<>\"") {
		return "", fmt.Errorf("%w: it yields characters that need escaping", ErrLink)
	}
	return out.String(), nil
}
