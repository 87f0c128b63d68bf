package user

import (
	"context"
	"strings"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
)

// AddMachine adds a user that is a program.
type AddMachine struct {
	UserID       string  // made up if empty
	Organization string  // the caller's own if empty
	Username     *string // the id if nil
	Name         string
	Description  string
	SignedTokens bool // its access tokens say themselves what they grant
	Metadata     []MetadataEntry
	Token        *NewToken // a first token, with the same append
}

const maxDescription = 500

func (r *AddMachine) check(s *Service) error {
	if err := checkNewID(r.UserID); err != nil {
		return err
	}
	if err := checkProgram(r.Name, r.Description); err != nil {
		return err
	}
	if r.Username != nil {
		if _, err := parseUsername(*r.Username); err != nil {
			return err
		}
	}
	if err := checkMetadata(r.Metadata); err != nil {
		return err
	}
	if r.Token != nil {
		return r.Token.check(s.rt.Now())
	}
	return nil
}

func checkProgram(name, description string) error {
	if strings.TrimSpace(name) == "" || !printable(name, maxName) || !printable(description, maxDescription) {
		return ErrInvalidMachine
	}
	return nil
}

// AddedMachine is the answer of AddMachine.
type AddedMachine struct {
	UserID  string
	Receipt command.Receipt
	Token   Issued // empty if none was asked for
}

// AddMachine adds a program under a new id, or under an id whose user was removed.
func (s *Service) AddMachine(ctx context.Context, caller *permission.Caller, req AddMachine) (AddedMachine, error) {
	g, err := s.guard(opAddMachine, caller, req.UserID)
	if err != nil {
		return AddedMachine{}, err
	}
	if err := req.check(s); err != nil {
		return AddedMachine{}, err
	}
	home, err := s.home(ctx, g, req.Organization, "")
	if err != nil {
		return AddedMachine{}, err
	}
	if req.Token != nil {
		if err := caller.Check(permission.UserCredentialWrite, home); err != nil {
			return AddedMachine{}, err
		}
	}
	call := command.CallBy[State](caller, req.UserID)
	if call.Fresh = req.UserID == ""; call.Fresh {
		call.ID = s.rt.NewID().String()
	}
	username := strings.TrimSpace(or(req.Username, call.ID))
	out := AddedMachine{UserID: call.ID}
	call.Decide = func(ctx context.Context, snap *command.Snapshot[State]) (command.Decision, error) {
		if err := vacant(&snap.State, home); err != nil {
			return command.Decision{}, err
		}
		d := command.Decision{Owner: home, Subject: call.ID}
		claim, err := s.usernameClaim(ctx, caller.Tenant, username)
		if err != nil {
			return d, err
		}
		d.Claims = append(d.Claims, claim)
		s.record(&d, &eventv1.UserMachineAdded{OrganizationId: home, Username: username, Name: req.Name, Description: req.Description, SignedTokens: req.SignedTokens})
		for _, m := range req.Metadata {
			s.record(&d, &eventv1.UserMetadataSet{Key: m.Key, Value: m.Value})
		}
		if req.Token != nil {
			out.Token, err = s.addToken(ctx, &d, caller.Tenant, *req.Token)
		}
		return d, err
	}
	out.Receipt, _, err = s.users.Execute(ctx, call)
	if err != nil {
		return AddedMachine{}, taken(err)
	}
	return out, nil
}
