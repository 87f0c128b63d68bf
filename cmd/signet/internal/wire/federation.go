package wire

import (
	"crypto/rand"
	"time"

	"github.com/signet-iam/signet/cmd/signet/internal/config"
	"github.com/signet-iam/signet/command/federation"
)

// newOutside returns what speaks to places of other people's choice.
func newOutside(cfg *config.Server) (*federation.Client, error) {
	private, err := cfg.PrivateNetworks()
	if err != nil {
		return nil, err
	}
	return federation.New(federation.Options{Now: time.Now, Random: rand.Reader, AllowPrivate: private}), nil
}
