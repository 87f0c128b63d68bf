package projects

import (
	"testing"

	"github.com/signet-iam/signet/eventstore/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }
