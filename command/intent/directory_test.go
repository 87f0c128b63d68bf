package intent_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/federation/federationtest"
	"github.com/signet-iam/signet/command/intent"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/provider"
)

// newDirectory returns a node with a directory.
func newDirectory(t *testing.T) *scene {
	t.Helper()
	s := &scene{Node: commandtest.New(t, database(t))}
	added, err := s.Providers.Add(t.Context(), commandtest.Admin(), provider.Add{
		Settings: &eventv1.IdentityProvider{Name: "Directory", Ldap: &eventv1.LDAPProvider{
			Servers: []string{federationtest.NewDirectory(t)}, BaseDn: federationtest.DirectoryBase, BindDn: federationtest.DirectoryBind,
		}},
		Credentials: &eventv1.ProviderCredentials{BindPassword: federationtest.DirectorySecret},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.provider = added.ID
	return s
}

func (s *scene) login(ctx context.Context, username, password string) (intent.Begun, error) {
	return s.Intents.Start(ctx, loginPage(), intent.Start{
		ProviderID: s.provider, Directory: &intent.Login{Username: username, Password: password},
	})
}

func TestSignInAtADirectory(t *testing.T) {
	t.Parallel()
	s := newDirectory(t)
	begun, err := s.login(t.Context(), federationtest.DirectoryUser, federationtest.DirectoryPassword)
	if err != nil || begun.Done == nil || begun.URL != "" || begun.Done.UserID != "" {
		t.Fatalf("%+v, %v", begun, err)
	}
	out, err := s.Intents.Retrieve(t.Context(), loginPage(), intent.Retrieve{ID: begun.Done.ID, Token: begun.Done.Token})
	if err != nil {
		t.Fatal(err)
	}
	if i := out.Information; i.GetExternalId() != federationtest.DirectoryID || i.GetFamilyName() != "King" || len(i.GetAttributes()) == 0 {
		t.Errorf("information: %v", i)
	}
}

func TestADirectoryRefuses(t *testing.T) {
	t.Parallel()
	s := newDirectory(t)
	for name, c := range map[string][2]string{
		"a wrong password": {federationtest.DirectoryUser, "wrong"}, "an unknown person": {"bob", federationtest.DirectoryPassword},
	} {
		if _, err := s.login(t.Context(), c[0], c[1]); !errors.Is(err, intent.ErrLoginFailed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := s.Intents.Start(t.Context(), loginPage(), intent.Start{
		ProviderID: s.provider, Browser: &intent.Browser{SuccessURL: success, FailureURL: failed},
	})
	if !errors.Is(err, intent.ErrWrongKind) {
		t.Errorf("with a browser: %v", err)
	}
}

// However many guess at somebody's password at once, the directory hears no more of them than the budget.
func TestPasswordsOfADirectoryAreGuessedAtFewTimes(t *testing.T) {
	t.Parallel()
	s := newDirectory(t)
	var asked, refused atomic.Int32
	var guesses sync.WaitGroup
	for range 30 {
		guesses.Go(func() {
			switch _, err := s.login(context.Background(), federationtest.DirectoryUser, "wrong"); {
			case errors.Is(err, intent.ErrLoginFailed):
				asked.Add(1)
			case errors.Is(err, intent.ErrLoginThrottled):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	guesses.Wait()
	for _, spelling := range []string{"ADA", " ada ", "a\u00adda", "\uff41da", "a\u200bda"} {
		if _, err := s.login(t.Context(), spelling, "wrong"); !errors.Is(err, intent.ErrLoginThrottled) {
			t.Errorf("spelt %q: %v", spelling, err)
		}
	}
	if asked.Load() != 10 || refused.Load() != 20 {
		t.Errorf("%d asked, %d refused", asked.Load(), refused.Load())
	}
	if _, err := s.login(t.Context(), federationtest.DirectoryUser, federationtest.DirectoryPassword); !errors.Is(err, intent.ErrLoginThrottled) {
		t.Errorf("the right one, after them: %v", err)
	}
	if _, err := s.login(t.Context(), "bob", "wrong"); !errors.Is(err, intent.ErrLoginFailed) {
		t.Errorf("somebody else: %v", err)
	}
	s.Clock.Advance(10 * time.Minute)
	if _, err := s.login(t.Context(), federationtest.DirectoryUser, federationtest.DirectoryPassword); err != nil {
		t.Errorf("once the window is over: %v", err)
	}
}
