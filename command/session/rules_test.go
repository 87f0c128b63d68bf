package session

import (
	"reflect"
	"testing"

	"github.com/signet-iam/signet/command/permission"
)

// The table of rules, said once more by hand: a change of rights has to be meant twice.
func TestEveryCommandHasARule(t *testing.T) {
	t.Parallel()
	want := map[string]rule{
		"Create":     {needs: permission.SessionWrite, user: true},
		"Set":        {needs: permission.SessionWrite, token: true},
		"Delete":     {needs: permission.SessionDelete, token: true, user: true, creator: true},
		"CheckToken": {token: true},
		"Logout":     {own: true},
		"Refresh":    {refresh: true},
		"Begin":      {internal: true},

		"RefreshTokens":       {user: true},
		"RevokeRefreshToken":  {user: true},
		"RevokeRefreshTokens": {user: true},
	}
	methods := reflect.TypeFor[*Service]()
	for i := range methods.NumMethod() {
		name := methods.Method(i).Name
		if r, ok := rules(operation(name)); !ok || r != want[name] || r == (rule{}) {
			t.Errorf("%s: %+v, %v; want %+v", name, r, ok, want[name])
		}
	}
	if methods.NumMethod() != len(want) {
		t.Errorf("%d commands, %d rules", methods.NumMethod(), len(want))
	}
	if r, ok := rules("Other"); ok || r != (rule{}) {
		t.Errorf("a command without a rule has %+v", r)
	}
}
