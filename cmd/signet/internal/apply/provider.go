package apply

import (
	"context"
	"fmt"

	idpv1 "github.com/signet-iam/signet/api/gen/signet/idp/v1"
	objectv2 "github.com/signet-iam/signet/api/gen/signet/object/v2"
)

// readProviders finds providers by their names: their ids are the server's own, which no file can know beforehand.
func (s *Server) readProviders(ctx context.Context, keys []Key, into State) error {
	wanted := make(map[Key]bool)
	for _, key := range keys {
		wanted[key] = true
	}
	for _, organization := range distinct(keys, func(k Key) string { return k.Organization }) {
		if organization != "" && into[Key{Kind: Organization, ID: organization}] == nil {
			continue
		}
		err := pages(func(offset uint64) (int, uint64, error) {
			answer, err := s.providers.ListProviders(ctx, &idpv1.ListProvidersRequest{
				OrganizationId: organization, Query: &objectv2.ListQuery{Offset: offset, Limit: page, Asc: true},
			})
			for _, p := range answer.GetProviders() {
				key := Key{Kind: Provider, ID: p.GetSettings().GetName(), Organization: p.GetOrganizationId()}
				if p.GetOrganizationId() != organization || !wanted[key] {
					continue
				}
				if into[key] != nil {
					return 0, 0, fmt.Errorf("%s: there are several of this name", key)
				}
				fields := make(Fields)
				fieldsOf(p.GetSettings().ProtoReflect(), "", fields)
				into[key], s.ids[key] = &Thing{Fields: fields}, p.GetId()
			}
			return len(answer.GetProviders()), answer.GetDetails().GetTotalResult(), err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) makeProvider(ctx context.Context, c Change) error {
	id := s.ids[c.Key]
	if c.Action == Remove {
		_, err := s.providers.RemoveProvider(ctx, &idpv1.RemoveProviderRequest{ProviderId: id})
		return err
	}
	settings := &idpv1.ProviderSettings{Name: c.Key.ID}
	if c.Action == Update {
		answer, err := s.providers.GetProvider(ctx, &idpv1.GetProviderRequest{ProviderId: id})
		if err != nil {
			return err
		}
		settings = answer.GetProvider().GetSettings()
	}
	if err := fill(settings, c.to()); err != nil {
		return err
	}
	credentials := new(idpv1.ProviderCredentials)
	if err := fill(credentials, c.Secrets); err != nil {
		return err
	}
	if c.Action == Update {
		_, err := s.providers.UpdateProvider(ctx, &idpv1.UpdateProviderRequest{ProviderId: id, Settings: settings, Credentials: credentials})
		return err
	}
	answer, err := s.providers.AddProvider(ctx, &idpv1.AddProviderRequest{
		OrganizationId: c.Key.Organization, Settings: settings, Credentials: credentials,
	})
	s.ids[c.Key] = answer.GetProviderId()
	return err
}
