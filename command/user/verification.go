package user

import (
	"net/url"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"
)

// Verification says how a new address is to be proven. nil is Send{}.
type Verification interface {
	verification()
}

// Send sends a code to the address. The message holds a link made from URLTemplate if there is one.
type Send struct {
	URLTemplate string
}

// Return hands the code to the caller, who takes care of the rest. Nothing is sent. It needs user.write: whoever gets the
// code could prove any address with it, its own mailbox or not.
type Return struct{}

// Verified takes the caller's word that the address is proven; it needs user.write.
type Verified struct{}

// Unverified makes no code and sends nothing: the address stays unproven.
type Unverified struct{}

func (Send) verification()       {}
func (Return) verification()     {}
func (Verified) verification()   {}
func (Unverified) verification() {}

// checkVerification validates a verification of a command that takes every kind.
func checkVerification(v Verification) error {
	return checkLink(v, "UserID", "Code", "OrgID")
}

// checkPasskeyLink validates the verification of a passkey registration link: a code that is known by an id.
func checkPasskeyLink(v Verification) error {
	switch v.(type) {
	case Verified, Unverified:
		return ErrVerification
	}
	return checkLink(v, "UserID", "Code", "OrgID", "CodeID")
}

func checkLink(v Verification, fields ...string) error {
	if send, ok := v.(Send); ok {
		return checkTemplate(send.URLTemplate, fields)
	}
	return nil
}

// checkProof validates a verification of a command that knows no Unverified.
func checkProof(v Verification) error {
	if _, ok := v.(Unverified); ok {
		return ErrVerification
	}
	return checkVerification(v)
}

// checkCode validates a verification of a command that always makes a code.
func checkCode(v Verification) error {
	if _, ok := v.(Verified); ok {
		return ErrVerification
	}
	return checkProof(v)
}

func isVerified(v Verification) bool {
	_, ok := v.(Verified)
	return ok
}

// needsTrust reports whether a verification proves nothing but that the caller says so: it has the code in its hands, or
// there is none.
func needsTrust(v Verification) bool {
	switch v.(type) {
	case Verified, Return:
		return true
	}
	return false
}

const maxTemplate = 2000 // bytes

// checkTemplate parses a URL template and renders it once. Only plain uses of the fields are allowed: no functions, pipelines,
// loops or definitions, so that rendering one is never more than copying.
func checkTemplate(text string, fields []string) error {
	if text == "" {
		return nil
	}
	if len(text) > maxTemplate {
		return ErrInvalidTemplate
	}
	tmpl, err := template.New("url").Parse(text)
	if err != nil {
		return ErrInvalidTemplate.Because(err)
	}
	if tmpl.Tree == nil || len(tmpl.Templates()) > 1 || !only(fields, tmpl.Root) {
		return ErrInvalidTemplate
	}
	values := make(map[string]string, len(fields))
	for _, name := range fields {
		values[name] = "x"
	}
	var out strings.Builder
	if err := tmpl.Execute(&out, values); err != nil {
		return ErrInvalidTemplate.Because(err)
	}
	u, err := url.Parse(out.String())
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return ErrInvalidTemplate
	}
	return nil
}

// only reports whether a template is text and fields of these names.
func only(fields []string, list *parse.ListNode) bool {
	if list == nil {
		return false
	}
	for _, node := range list.Nodes {
		switch n := node.(type) {
		case *parse.TextNode, *parse.CommentNode:
		case *parse.ActionNode:
			if !slices.Contains(fields, field(n.Pipe)) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// field returns the name of the only field that a pipeline is, "" if it is something else.
func field(pipe *parse.PipeNode) string {
	if len(pipe.Decl) > 0 || len(pipe.Cmds) != 1 || len(pipe.Cmds[0].Args) != 1 {
		return ""
	}
	f, ok := pipe.Cmds[0].Args[0].(*parse.FieldNode)
	if !ok || len(f.Ident) != 1 {
		return ""
	}
	return f.Ident[0]
}
