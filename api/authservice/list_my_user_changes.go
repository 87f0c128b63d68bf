package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	"github.com/signet-iam/signet/api/eventtext"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	"github.com/signet-iam/signet/api/object"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/query/history"
)

// ListMyUserChanges returns a page of what happened to the caller's account, in the language that the request asks for, or else the
// caller's own.
func (s *Service) ListMyUserChanges(ctx context.Context, r *authv1.ListMyUserChangesRequest) (*authv1.ListMyUserChangesResponse, error) {
	c := call.From(ctx)
	list, err := s.history.Own(ctx, c.Caller, history.Request{
		Ascending: r.GetQuery().GetAsc(), Beyond: r.GetQuery().GetSequence(), Limit: r.GetQuery().GetLimit(), Consistency: c.Consistency,
	})
	if err != nil {
		return nil, err
	}
	c.Reflect(list.Position)
	language := eventtext.Best(header(ctx, "Accept-Language"), list.Language)
	answer := &authv1.ListMyUserChangesResponse{
		Details: listed(list.Total, list.Reflected), Result: make([]*authv1.Change, len(list.Changes)),
	}
	for i := range list.Changes {
		answer.Result[i] = s.change(&list.Changes[i], language)
		answer.Result[i].ResourceOwnerId = list.Organization
	}
	return answer, nil
}

func (s *Service) change(c *history.Change, language eventtext.Language) *authv1.Change {
	out := &authv1.Change{
		ChangeDate: object.Instant(c.At), Sequence: c.Version,
		EventType:                &authv1.LocalizedMessage{Key: eventtext.Key(c.Type), LocalizedMessage: language.Of(c.Type)},
		EditorId:                 c.Editor.ID,
		EditorDisplayName:        c.Editor.DisplayName,
		EditorPreferredLoginName: c.Editor.LoginName,
		EditorAvatarUrl:          s.avatars.Of(c.Editor.ID, c.Editor.Avatar),
	}
	if c.Editor.ID == permission.SystemID {
		out.EditorDisplayName = language.System()
	}
	return out
}
