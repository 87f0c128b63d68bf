package storetest

import (
	"fmt"
	"os"
	"testing"
)

// Main runs a test binary and removes what its databases left. It calls os.Exit.
func Main(m *testing.M) {
	code := m.Run()
	if err := shared.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "storetest:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}
