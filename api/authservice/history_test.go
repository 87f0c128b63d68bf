package authservice_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strings"
	"testing"

	"connectrpc.com/connect"

	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/user"
)

// changes writes a history as "sequence text".
func changes(of *authv1.ListMyUserChangesResponse) (lines []string) {
	for _, c := range of.GetResult() {
		lines = append(lines, c.GetEventType().GetKey()+" "+c.GetEventType().GetLocalizedMessage())
	}
	return lines
}

func TestListMyUserChanges(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var picture bytes.Buffer
	must(t, png.Encode(&picture, image.NewPaletted(image.Rect(0, 0, 1, 1), color.Palette{color.White})))
	_, err := h.users.SetAvatar(t.Context(), callers("ann"), user.SetAvatar{UserID: "ann", Data: picture.Bytes()})
	must(t, err)
	first, err := h.as("ann").ListMyUserChanges(t.Context(), &authv1.ListMyUserChangesRequest{Query: &authv1.ChangeQuery{Asc: true, Limit: 1}})
	must(t, err)
	added := first.GetResult()[0]
	if len(first.GetResult()) != 1 || added.GetSequence() != 1 || added.GetEditorId() != "system" || added.GetEditorDisplayName() != "System" ||
		added.GetEventType().GetKey() != "EventTypes.user.human.added" || added.GetResourceOwnerId() != home || added.GetChangeDate() == nil {
		t.Errorf("the first change is %v", first)
	}
	last, err := h.as("ann").ListMyUserChanges(t.Context(), &authv1.ListMyUserChangesRequest{})
	must(t, err)
	set := last.GetResult()[0]
	if set.GetEventType().GetKey() != "EventTypes.user.avatar.set" || set.GetEditorId() != "ann" || set.GetEditorPreferredLoginName() != "ann" ||
		set.GetEditorDisplayName() != "Ada Lovelace" || !strings.HasPrefix(set.GetEditorAvatarUrl(), "https://id.example.com/assets/v1/users/ann/avatar/") {
		t.Errorf("the last change is %v", set)
	}
	if total := last.GetDetails().GetTotalResult(); total != set.GetSequence() || int(total) != len(last.GetResult()) {
		t.Errorf("%d changes of %d, the last at %d", len(last.GetResult()), total, set.GetSequence())
	}
	before, err := h.as("ann").ListMyUserChanges(t.Context(), &authv1.ListMyUserChangesRequest{Query: &authv1.ChangeQuery{Sequence: set.GetSequence()}})
	if must(t, err); !slices.Equal(changes(before), changes(last)[1:]) {
		t.Errorf("before the last: %q", changes(before))
	}
	_, err = h.as("ann").ListMyUserChanges(t.Context(), &authv1.ListMyUserChangesRequest{Query: &authv1.ChangeQuery{Limit: 1001}})
	fails(t, "too many at once", err, connect.CodeInvalidArgument)
	_, err = h.as("stranger").ListMyUserChanges(t.Context(), &authv1.ListMyUserChangesRequest{})
	fails(t, "of somebody who is not there", err, connect.CodeNotFound)
}

// The request's language goes before the person's, and that before the default.
func TestChangesAreToldInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ask := func(headers ...string) string {
		t.Helper()
		list, err := h.as("ann", headers...).ListMyUserChanges(t.Context(), &authv1.ListMyUserChangesRequest{Query: &authv1.ChangeQuery{Asc: true, Limit: 1}})
		must(t, err)
		return list.GetResult()[0].GetEventType().GetLocalizedMessage()
	}
	const english, german = "Person added", "Person hinzugefügt"
	if got := ask(); got != english {
		t.Errorf("by default %q", got)
	}
	if got := ask("Accept-Language", "de-CH, en;q=0.1"); got != german {
		t.Errorf("to a German browser %q", got)
	}
	h.given(t, "ann", &eventv1.UserProfileChanged{Profile: &eventv1.Profile{DisplayName: "Ann", PreferredLanguage: "de-AT"}})
	if got := ask(); got != german {
		t.Errorf("to somebody who speaks German %q", got)
	}
	if got := ask("Accept-Language", "en-US"); got != english {
		t.Errorf("to somebody who speaks German, before an English browser, %q", got)
	}
	languages, err := h.as("ann").GetSupportedLanguages(t.Context(), &authv1.GetSupportedLanguagesRequest{})
	if must(t, err); !slices.Equal(languages.GetLanguages(), []string{"en", "de"}) {
		t.Errorf("languages %q", languages.GetLanguages())
	}
}

func TestRemoveMyAvatar(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.given(t, "ann", &eventv1.UserAvatarSet{ContentType: "image/png", Sha256: make([]byte, 32)})
	avatar := func() string {
		t.Helper()
		got, err := h.as("ann").GetMyUser(t.Context(), &authv1.GetMyUserRequest{})
		must(t, err)
		return got.GetUser().GetHuman().GetProfile().GetAvatarUrl()
	}
	if got := avatar(); !strings.HasSuffix(got, strings.Repeat("0", 64)) {
		t.Errorf("the picture is at %q", got)
	}
	var sequence uint64
	for range 2 { // the second time there is nothing to remove
		removed, err := h.as("ann").RemoveMyAvatar(t.Context(), &authv1.RemoveMyAvatarRequest{})
		must(t, err)
		if got := removed.GetDetails().GetSequence(); sequence != 0 && got != sequence {
			t.Errorf("at %d, then at %d", sequence, got)
		} else {
			sequence = got
		}
		if got := avatar(); got != "" {
			t.Errorf("the picture is still at %q", got)
		}
	}
	_, err := h.as("stranger").RemoveMyAvatar(t.Context(), &authv1.RemoveMyAvatarRequest{})
	fails(t, "of somebody who is not there", err, connect.CodeNotFound)
}
