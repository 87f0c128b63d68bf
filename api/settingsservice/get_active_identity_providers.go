package settingsservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	objectv2 "github.com/signet-iam/signet/api/gen/signet/object/v2"
	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
	"github.com/signet-iam/signet/api/object"
	"github.com/signet-iam/signet/command/policy"
	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/provider"
)

// GetActiveIdentityProviders returns the providers that users of an organization may sign in with: its own and the instance's, none
// where the login policy does not have them.
func (s *Service) GetActiveIdentityProviders(
	ctx context.Context, r *settingsv2.GetActiveIdentityProvidersRequest,
) (*settingsv2.GetActiveIdentityProvidersResponse, error) {
	c := call.From(ctx)
	home := organization(c.Caller, r.GetCtx())
	login, err := policy.Read[*policy.Login](ctx, s.policies, c.Caller, home)
	if err != nil {
		return nil, err
	}
	answer := &settingsv2.GetActiveIdentityProvidersResponse{}
	list := provider.List{}
	if login.Policy.GetExternalProvider() {
		if list, err = s.serving(ctx, c, home); err != nil {
			return nil, err
		}
	}
	for i := range list.Rows {
		if p := &list.Rows[i]; wanted(r, p) {
			answer.IdentityProviders = append(answer.IdentityProviders, identityProvider(p))
		}
	}
	answer.Details = &objectv2.ListDetails{TotalResult: uint64(len(answer.GetIdentityProviders()))}
	if list.Position > 0 {
		c.Reflect(list.Position)
		answer.Details = object.Listed(uint64(len(answer.GetIdentityProviders())), list.Reflected)
	}
	return answer, nil
}

// serving returns the providers of an organization and of the instance.
func (s *Service) serving(ctx context.Context, c *call.Call, organization string) (provider.List, error) {
	var all provider.List
	for {
		page, err := s.providers.List(ctx, view{c.Caller, organization}, provider.ListRequest{
			Page: query.Page{Ascending: true, Offset: uint64(len(all.Rows)), Limit: query.MaxLimit}, Consistency: c.Consistency,
		})
		if err != nil {
			return provider.List{}, err
		}
		all.Rows = append(all.Rows, page.Rows...)
		all.Reflected = page.Reflected
		if len(page.Rows) < query.MaxLimit {
			return all, nil
		}
	}
}

// view is what somebody sees who may know which providers serve an organization, and nothing else about them.
type view struct {
	query.Viewer

	organization string
}

// May reports whether something of an organization, or of the instance, is in view.
func (v view) May(p, organization string) bool {
	return p == query.IDPRead && (organization == "" || organization == v.organization)
}

// Organizations returns what is in view: what belongs to the organization, and what belongs to none.
func (v view) Organizations(p string) (some []string, all bool) {
	if p != query.IDPRead {
		return nil, false
	}
	return []string{"", v.organization}, false
}

// wanted reports whether a provider is what the request asks for.
func wanted(r *settingsv2.GetActiveIdentityProvidersRequest, p *provider.Provider) bool {
	return (r.CreationAllowed == nil || r.GetCreationAllowed() == p.Settings.GetCreationAllowed()) &&
		(r.LinkingAllowed == nil || r.GetLinkingAllowed() == p.Settings.GetLinkingAllowed()) &&
		(r.AutoCreation == nil || r.GetAutoCreation() == p.Settings.GetAutoCreation()) &&
		!r.GetAutoLinking() // no provider links by itself
}
