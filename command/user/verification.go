package user

import (
	"net/url"
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
	if send, ok := v.(Send); ok {
		return checkTemplate(send.URLTemplate)
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

// checkTemplate parses a URL template and renders it once. Only plain fields are allowed: no functions, pipelines, loops
// or definitions, so that rendering one is never more than copying.
func checkTemplate(text string) error {
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
	if tmpl.Tree == nil || len(tmpl.Templates()) > 1 || !onlyFields(tmpl.Root) {
		return ErrInvalidTemplate
	}
	var out strings.Builder
	if err := tmpl.Execute(&out, map[string]string{"UserID": "id", "Code": "CODE", "OrgID": "org"}); err != nil {
		return ErrInvalidTemplate.Because(err)
	}
	u, err := url.Parse(out.String())
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return ErrInvalidTemplate
	}
	return nil
}

func onlyFields(list *parse.ListNode) bool {
	if list == nil {
		return false
	}
	for _, node := range list.Nodes {
		switch n := node.(type) {
		case *parse.TextNode, *parse.CommentNode:
		case *parse.ActionNode:
			if !onlyField(n.Pipe) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

func onlyField(pipe *parse.PipeNode) bool {
	if len(pipe.Decl) > 0 || len(pipe.Cmds) != 1 || len(pipe.Cmds[0].Args) != 1 {
		return false
	}
	field, ok := pipe.Cmds[0].Args[0].(*parse.FieldNode)
	if !ok || len(field.Ident) != 1 {
		return false
	}
	switch field.Ident[0] {
	case "UserID", "Code", "OrgID":
		return true
	}
	return false
}
