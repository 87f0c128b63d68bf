package user

import (
	"strings"

	"golang.org/x/text/language"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
)

// Profile is what a person is called. Fields left nil get their default in a new profile and stay as they are in a changed
// one.
type Profile struct {
	GivenName         string
	FamilyName        string
	NickName          *string
	DisplayName       *string // blank: given and family name
	PreferredLanguage *string // BCP 47; "und" if it cannot be parsed
	Gender            *eventv1.Gender
}

// ProfileParts changes some of what a person is called. Fields left nil stay as they are.
type ProfileParts struct {
	GivenName         *string
	FamilyName        *string
	NickName          *string
	DisplayName       *string // blank: given and family name
	PreferredLanguage *string // BCP 47; "und" if it cannot be parsed
	Gender            *eventv1.Gender
}

// over returns the whole profile that results from putting p over an earlier one.
func (p *ProfileParts) over(before *eventv1.Profile) *Profile {
	return &Profile{
		GivenName: or(p.GivenName, before.GetGivenName()), FamilyName: or(p.FamilyName, before.GetFamilyName()),
		NickName: p.NickName, DisplayName: p.DisplayName, PreferredLanguage: p.PreferredLanguage, Gender: p.Gender,
	}
}

// check validates the parts there are.
func (p *ProfileParts) check() error {
	return p.over(&eventv1.Profile{GivenName: "stays", FamilyName: "stays"}).check()
}

const undetermined = "und"

func (p *Profile) check() error {
	switch {
	case strings.TrimSpace(p.GivenName) == "":
		return ErrFirstNameEmpty
	case strings.TrimSpace(p.FamilyName) == "":
		return ErrLastNameEmpty
	}
	for _, s := range []*string{&p.GivenName, &p.FamilyName, p.NickName, p.DisplayName} {
		if s != nil && !printable(*s, maxName) {
			return ErrInvalidProfile
		}
	}
	if p.Gender != nil {
		if _, ok := eventv1.Gender_name[int32(*p.Gender)]; !ok {
			return ErrInvalidGender
		}
	}
	return nil
}

// on returns the profile that results from putting p over an earlier one; nil if there is none.
func (p *Profile) on(before *eventv1.Profile) *eventv1.Profile {
	after := &eventv1.Profile{
		GivenName:  strings.TrimSpace(p.GivenName),
		FamilyName: strings.TrimSpace(p.FamilyName),
		NickName:   or(p.NickName, before.GetNickName()),
		Gender:     or(p.Gender, before.GetGender()),
	}
	after.DisplayName = strings.TrimSpace(or(p.DisplayName, before.GetDisplayName()))
	if after.DisplayName == "" {
		after.DisplayName = after.GivenName + " " + after.FamilyName
	}
	after.PreferredLanguage = before.GetPreferredLanguage()
	if p.PreferredLanguage != nil {
		after.PreferredLanguage = parseLanguage(*p.PreferredLanguage)
	}
	if after.PreferredLanguage == "" {
		after.PreferredLanguage = undetermined
	}
	return after
}

func parseLanguage(s string) string {
	if len(s) > maxName {
		return undetermined
	}
	tag, err := language.Parse(s)
	if err != nil {
		return undetermined
	}
	return tag.String()
}

func or[T any](p *T, otherwise T) T {
	if p != nil {
		return *p
	}
	return otherwise
}
