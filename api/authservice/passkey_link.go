package authservice

import (
	"net/url"
	"strings"

	commands "github.com/signet-iam/signet/command/user"
)

// passkeyLink is the address at which a person registers a passkey by a code.
func (s *Service) passkeyLink(userID string, made *commands.PasskeyCoded) string {
	return strings.NewReplacer(
		"{{.UserID}}", url.QueryEscape(userID), "{{.OrgID}}", url.QueryEscape(made.Receipt.Organization),
		"{{.CodeID}}", url.QueryEscape(made.ID), "{{.Code}}", url.QueryEscape(made.Code),
	).Replace(s.passkeyTemplate())
}

// passkeyTemplate is passkeyLink as messages have it: with the names of the values in the place of the values.
func (s *Service) passkeyTemplate() string {
	separator := "?"
	if strings.Contains(s.passkeyPage, "?") {
		separator = "&"
	}
	return s.passkeyPage + separator + "userID={{.UserID}}&orgID={{.OrgID}}&codeID={{.CodeID}}&code={{.Code}}"
}
