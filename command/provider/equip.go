package provider

import (
	"fmt"
)

// equip gives a SAML provider the key with which the platform signs its requests and opens what is encrypted for it.
// To make it takes a noticeable time, so it comes after every check.
func (s *Service) equip(m *made) error {
	saml := m.settings.GetSaml()
	if saml == nil {
		return nil
	}
	certificate, key, err := s.federation.NewSAMLKey(s.externalURL)
	if err != nil {
		return fmt.Errorf("provider: make a key: %w", err)
	}
	saml.Certificate = certificate
	m.credentials.PrivateKey = key
	return nil
}
