package main

import (
	"context"
	"fmt"
	"strings"

	"golang.org/x/crypto/bcrypt"

	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
)

// population is who lives in the database: person n has names, an address and a past that follow from n, and an id that the
// server chose. Of ten people five have an imported password, five got a phone number later, and one was deactivated and
// reactivated; of twenty one was locked and unlocked; all of them changed their profile once. With the two events of their
// adding that makes 4.8 events each.
type population struct {
	ids      []string
	password string // hash
}

var (
	givenNames = [...]string{
		"Amina", "Anna", "Aylin", "Ben", "Chloé", "Daniel", "Elif", "Emil", "Fatima", "Giulia", "Hanna", "Hiroshi", "Ivan",
		"Jakub", "Jana", "José", "Kofi", "Lena", "Liam", "Lucía", "Łukasz", "Marie", "Mehmet", "Mia", "Noah", "Nour", "Olivia",
		"Pavel", "Priya", "Rosa", "Samuel", "Sofia", "Sven", "Thandiwe", "Tomás", "Uma", "Vera", "Wei", "Yusuf", "Zoé",
	}
	familyNames = [...]string{
		"Ahmed", "Andersson", "Baker", "Bauer", "Costa", "Dubois", "Fischer", "García", "Gruber", "Haddad", "Horváth", "Huber",
		"Ivanova", "Jansen", "Kaya", "Keller", "Kim", "Kowalska", "Lefèvre", "Li", "Martin", "Mensah", "Meyer", "Müller", "Nagy",
		"Nakamura", "Nguyen", "Novák", "O'Brien", "Okafor", "Patel", "Rossi", "Santos", "Schmidt", "Silva", "Singh", "Smith",
		"Sørensen", "Tanaka", "Yılmaz",
	}
	languages = [...]string{"de", "en", "fr", "it", "es", "pl"}
)

// mixed spreads n, so that names do not follow the order of creation.
func mixed(n int) uint64 { return uint64(n+1) * 0x9E3779B97F4A7C15 >> 16 }

func given(n int) string  { return givenNames[mixed(n)%uint64(len(givenNames))] }
func family(n int) string { return familyNames[mixed(n)/64%uint64(len(familyNames))] }

// address is where a person gets mail. Addresses begin with different letters and have no two alike.
func address(n int) string { return fmt.Sprintf("%05x.%d@people.example.com", mixed(n)%(1<<20), n) }

// newcomer is the request that adds person n.
func newcomer(n int) *userv2.AddHumanUserRequest {
	return &userv2.AddHumanUserRequest{
		Profile: &userv2.SetHumanProfile{
			GivenName: given(n), FamilyName: family(n), PreferredLanguage: new(languages[n%len(languages)]),
		},
		Email: &userv2.SetHumanEmail{
			Email:        address(n),
			Verification: &userv2.SetHumanEmail_IsVerified{IsVerified: true},
		},
	}
}

// update is the one change of profile in the past of person n.
func update(id string, n int) *userv2.UpdateHumanUserRequest {
	r := &userv2.UpdateHumanUserRequest{
		UserId: id,
		Profile: &userv2.SetHumanProfile{
			GivenName: given(n), FamilyName: family(n),
			NickName: new(strings.ToLower(given(n)[:1] + family(n))), DisplayName: new(family(n) + ", " + given(n)),
		},
	}
	if n%2 == 0 {
		r.Phone = &userv2.SetHumanPhone{
			Phone:        fmt.Sprintf("+4366%08d", n),
			Verification: &userv2.SetHumanPhone_IsVerified{IsVerified: true},
		}
	}
	return r
}

// populate adds everybody and gives them their past.
func (b *bench) populate(ctx context.Context) error {
	hash, err := bcrypt.GenerateFromPassword([]byte("Correct-horse-1"), bcrypt.DefaultCost)
	if err != nil {
		return err
	}
	b.people = population{ids: make([]string, b.users), password: string(hash)}
	crew, err := b.crew(ctx)
	if err != nil {
		return err
	}
	defer crew.close()
	b.say("%d people are added", b.users)
	if _, err := crew.run(ctx, plan{count: b.users}, b.people.add); err != nil {
		return err
	}
	b.say("they get a past")
	if _, err := crew.run(ctx, plan{count: b.users}, b.people.live); err != nil {
		return err
	}
	b.issued.Store(int64(b.users))
	return b.base.settle(ctx)
}

func (p *population) add(w *worker, n int) error {
	request := newcomer(n)
	if n%4 < 2 {
		request.PasswordType = &userv2.AddHumanUserRequest_HashedPassword{HashedPassword: &userv2.HashedPassword{Hash: p.password}}
	}
	var answer userv2.AddHumanUserResponse
	_, err := w.nodes[0].call("AddHumanUser", request, &answer)
	p.ids[n] = answer.GetUserId()
	return err
}

func (p *population) live(w *worker, n int) error {
	conn, id := w.nodes[0], p.ids[n]
	if _, err := conn.call("UpdateHumanUser", update(id, n), nil); err != nil {
		return err
	}
	if n%10 == 0 {
		if _, err := conn.call("DeactivateUser", &userv2.DeactivateUserRequest{UserId: id}, nil); err != nil {
			return err
		}
		if _, err := conn.call("ReactivateUser", &userv2.ReactivateUserRequest{UserId: id}, nil); err != nil {
			return err
		}
	}
	if n%20 == 5 {
		if _, err := conn.call("LockUser", &userv2.LockUserRequest{UserId: id}, nil); err != nil {
			return err
		}
		if _, err := conn.call("UnlockUser", &userv2.UnlockUserRequest{UserId: id}, nil); err != nil {
			return err
		}
	}
	return nil
}
