package federation

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"encoding/xml"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/crewjam/saml"
)

// metadata returns the provider's metadata, not older than a few minutes.
func (p *SAML) metadata(ctx context.Context) (*saml.EntityDescriptor, error) {
	if p.config.MetadataURL == "" {
		return p.fetchMetadata(ctx)
	}
	return cached(ctx, p.client, "saml "+p.config.MetadataURL, p.fetchMetadata)
}

func (p *SAML) fetchMetadata(ctx context.Context) (*saml.EntityDescriptor, error) {
	document := p.config.MetadataXML
	if p.config.MetadataURL != "" {
		var err error
		if document, err = p.client.get(ctx, "the metadata of the provider", p.config.MetadataURL, ""); err != nil {
			return nil, err
		}
	}
	return p.client.parseMetadata(document)
}

// parseMetadata reads the descriptor of one identity provider, alone or the first in a list (saml-metadata-2.0-os).
func (c *Client) parseMetadata(document []byte) (*saml.EntityDescriptor, error) {
	if int64(len(document)) > c.maxBody {
		return nil, refuse(ErrConfig, nil, "the metadata of the provider is too large")
	}
	if err := scanXML(document); err != nil {
		return nil, refuse(ErrConfig, err, "the metadata of the provider is not usable XML")
	}
	var (
		one  saml.EntityDescriptor
		many saml.EntitiesDescriptor
	)
	descriptors := []saml.EntityDescriptor{one}
	if err := xml.Unmarshal(document, &one); err == nil {
		descriptors[0] = one
	} else if err := xml.Unmarshal(document, &many); err == nil {
		descriptors = many.EntityDescriptors
	}
	i := slices.IndexFunc(descriptors, func(d saml.EntityDescriptor) bool { return len(d.IDPSSODescriptors) > 0 })
	if i < 0 || descriptors[i].EntityID == "" {
		return nil, refuse(ErrConfig, nil, "the metadata does not describe a SAML 2.0 identity provider")
	}
	idp := &descriptors[i]
	if !idp.ValidUntil.IsZero() && c.now().After(idp.ValidUntil) {
		return nil, refuse(ErrConfig, nil, "the metadata of the provider is no longer valid")
	}
	return idp, nil
}

// signingCertificates returns the certificates of the provider in DER form that may sign.
func signingCertificates(idp *saml.EntityDescriptor) [][]byte {
	var all [][]byte
	for _, d := range idp.IDPSSODescriptors {
		for _, k := range d.KeyDescriptors {
			if k.Use != "" && k.Use != "signing" {
				continue
			}
			for _, c := range k.KeyInfo.X509Data.X509Certificates {
				if der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(c.Data), "")); err == nil {
					all = append(all, der)
				}
			}
		}
	}
	return all
}

// Metadata returns the document by which the provider gets to know this side: its entity id, its callback and its
// certificate.
func (p *SAML) Metadata(callbackURL string) ([]byte, error) {
	sp, err := p.serviceProvider(nil, callbackURL)
	if err != nil {
		return nil, err
	}
	if p.config.SignRequests {
		sp.SignatureMethod = p.signatureMethod()
	}
	descriptor := sp.Metadata()
	descriptor.ValidUntil = time.Time{} // it is made anew for whoever asks
	for i := range descriptor.SPSSODescriptors {
		d := &descriptor.SPSSODescriptors[i]
		d.ValidUntil = nil
		d.AssertionConsumerServices = slices.DeleteFunc(d.AssertionConsumerServices, func(e saml.IndexedEndpoint) bool {
			return e.Binding != saml.HTTPPostBinding
		})
	}
	document, err := xml.MarshalIndent(descriptor, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("federation: encode metadata: %w", err)
	}
	return append([]byte(xml.Header), document...), nil
}

// How long the certificate of NewSAMLKey is valid. Providers pin it, so that changing it takes an administrator on both sides.
const certificateLife = 10 * 365 * 24 * time.Hour

// NewSAMLKey makes a key (RSA, 3072 bits, because some providers take nothing else) and a self-signed certificate for
// SAMLConfig, both in PEM form. It takes a noticeable part of a second.
func (c *Client) NewSAMLKey(commonName string) (certificate, key []byte, err error) {
	// The standard library takes no other randomness than the system's for keys.
	private, err := rsa.GenerateKey(rand.Reader, 3072)
	if err != nil {
		return nil, nil, fmt.Errorf("federation: generate key: %w", err)
	}
	var serial [16]byte
	if _, err := io.ReadFull(c.random, serial[:]); err != nil {
		return nil, nil, fmt.Errorf("federation: random: %w", err)
	}
	serial[0] &= 0x7f // positive (RFC 5280, section 4.1.2.2)
	template := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(serial[:]),
		Subject:      pkix.Name{CommonName: commonName},
		NotBefore:    c.now().Add(-skew),
		NotAfter:     c.now().Add(certificateLife),
		KeyUsage:     x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return nil, nil, fmt.Errorf("federation: make certificate: %w", err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, nil, fmt.Errorf("federation: encode key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), nil
}
