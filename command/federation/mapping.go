package federation

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// Mapping says where the properties of an Identity come from: for OpenID Connect and OAuth 2.0 the path of a claim, such as
// "email", "user.mail" or "emails.0.address", for SAML and LDAP the name of an attribute. An empty one means the kind's
// default.
type Mapping struct {
	ExternalID    string
	Username      string
	GivenName     string
	FamilyName    string
	NickName      string
	DisplayName   string
	Email         string
	EmailVerified string // true, "true" or "1"
	Phone         string
	PhoneVerified string
	Language      string
	AvatarURL     string
	ProfileURL    string
}

// identity reads the properties with get. A default may have alternatives, separated by |: the first with a value counts.
func (m Mapping) identity(defaults Mapping, get func(string) string) Identity {
	read := func(own, alternatives string) string {
		if own != "" {
			return strings.TrimSpace(get(own))
		}
		for name := range strings.SplitSeq(alternatives, "|") {
			if v := strings.TrimSpace(get(name)); name != "" && v != "" {
				return v
			}
		}
		return ""
	}
	id := Identity{
		ExternalID:  read(m.ExternalID, defaults.ExternalID),
		Username:    read(m.Username, defaults.Username),
		GivenName:   read(m.GivenName, defaults.GivenName),
		FamilyName:  read(m.FamilyName, defaults.FamilyName),
		NickName:    read(m.NickName, defaults.NickName),
		DisplayName: read(m.DisplayName, defaults.DisplayName),
		Email:       read(m.Email, defaults.Email),
		Phone:       read(m.Phone, defaults.Phone),
		Language:    read(m.Language, defaults.Language),
		AvatarURL:   read(m.AvatarURL, defaults.AvatarURL),
		ProfileURL:  read(m.ProfileURL, defaults.ProfileURL),
	}
	id.EmailVerified = id.Email != "" && truth(read(m.EmailVerified, defaults.EmailVerified))
	id.PhoneVerified = id.Phone != "" && truth(read(m.PhoneVerified, defaults.PhoneVerified))
	return id
}

func truth(s string) bool {
	return strings.EqualFold(s, "true") || s == "1"
}

// claims is a JSON object as a provider sent it, numbers as they were written.
type claims map[string]any

func parseClaims(b []byte) (claims, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var c claims
	if err := d.Decode(&c); err != nil {
		return nil, err
	}
	return c, nil
}

// text returns the value at a path, or "" where there is none or it is not a scalar.
func (c claims) text(path string) string {
	switch v := at(map[string]any(c), path).(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// at goes down a path. Claim names can have dots themselves (https://example.com/email), so that the longest name goes first.
func at(v any, path string) any {
	if path == "" {
		return v
	}
	switch v := v.(type) {
	case map[string]any:
		if child, ok := v[path]; ok {
			return child
		}
		for i := strings.LastIndexByte(path, '.'); i > 0; i = strings.LastIndexByte(path[:i], '.') {
			if child, ok := v[path[:i]]; ok {
				return at(child, path[i+1:])
			}
		}
	case []any:
		head, rest, _ := strings.Cut(path, ".")
		if i, err := strconv.Atoi(head); err == nil && i >= 0 && i < len(v) {
			return at(v[i], rest)
		}
	}
	return nil
}
