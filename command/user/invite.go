package user

import (
	"cmp"
	"context"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
)

const inviteLife = 72 * time.Hour

// aboutInvite is the topic of an invitation; its code only counts while the address it was sent to is the user's.
func aboutInvite(urlTemplate, application string) topic {
	return topic{
		medium: eventv1.CodeMedium_CODE_MEDIUM_EMAIL,
		life:   inviteLife,
		added: func(c *eventv1.Code) proto.Message {
			c.UrlTemplate = urlTemplate // of a returned code as well: the next one takes it over
			return &eventv1.UserInviteCodeAdded{Code: c, ApplicationName: application}
		},
		blocked: func(n uint32) proto.Message { return &eventv1.UserInviteCodeBlocked{Attempts: n} },
		newest: func(s *State) *Code {
			if s.Invite == nil || s.Invite.sent() && s.Invite.Address != s.Email.Value {
				return nil
			}
			return s.Invite.Code
		},
	}
}

// sent reports whether the code went by email.
func (i *Invite) sent() bool {
	return i != nil && i.Medium == eventv1.CodeMedium_CODE_MEDIUM_EMAIL
}

// InviteUser asks for an invitation. What is left empty is as in the one before.
type InviteUser struct {
	UserID          string
	Verification    Verification // Send or Return
	ApplicationName string       // what the person is invited to, at most 200 characters
}

// Invite makes a code for a user who cannot sign in yet; an earlier one is void, whichever way it went.
func (s *Service) Invite(ctx context.Context, caller *permission.Caller, req InviteUser) (Coded, error) {
	g, err := s.guard(opInvite, caller, req.UserID)
	if err != nil {
		return Coded{}, err
	}
	if err := checkCode(req.Verification); err != nil {
		return Coded{}, err
	}
	if !printable(req.ApplicationName, maxName) {
		return Coded{}, ErrInvalidApplication
	}
	g.declares = needsTrust(req.Verification)
	return s.invite(ctx, g, func(state *State) (invitation, error) {
		i := invitation{verification: req.Verification, application: req.ApplicationName}
		if send, ok := req.Verification.(Send); ok {
			i.urlTemplate = send.URLTemplate
		}
		return i, uninitialised(state)
	})
}

// ResendInvite makes a new code where one was sent, and sends it the same way.
func (s *Service) ResendInvite(ctx context.Context, caller *permission.Caller, userID string) (command.Receipt, error) {
	g, err := s.guard(opResendInvite, caller, userID)
	if err != nil {
		return command.Receipt{}, err
	}
	out, err := s.invite(ctx, g, func(state *State) (invitation, error) {
		if !state.Invite.sent() || state.Invite.Code == nil {
			return invitation{}, ErrNoInvite
		}
		return invitation{}, uninitialised(state)
	})
	return out.Receipt, err
}

// uninitialised refuses users who can sign in.
func uninitialised(s *State) error {
	passkey := slices.ContainsFunc(s.WebAuthn, func(w WebAuthn) bool {
		return w.Ready && w.Purpose == eventv1.WebAuthnPurpose_WEB_AUTHN_PURPOSE_PASSKEY
	})
	if s.PasswordHash != "" || len(s.Links) > 0 || passkey {
		return ErrAlreadyInitialised
	}
	return nil
}

// invitation is what a caller wants one to be like.
type invitation struct {
	verification Verification
	urlTemplate  string
	application  string
}

// after fills in what the caller left to the invitation before.
func (i invitation) after(previous *Invite) proving {
	if previous == nil {
		previous = &Invite{}
	}
	about := aboutInvite(cmp.Or(i.urlTemplate, previous.URLTemplate), cmp.Or(i.application, previous.ApplicationName))
	return proving{topic: about, verification: i.verification}
}

func (s *Service) invite(ctx context.Context, g guard, wanted func(*State) (invitation, error)) (out Coded, err error) {
	out.Receipt, err = s.change(ctx, g, knownHuman, func(ctx context.Context, state *State, d *command.Decision) error {
		i, err := wanted(state)
		if err != nil {
			return err
		}
		if _, returned := i.verification.(Return); !returned && state.Email.Value == "" {
			return ErrNoEmail
		}
		if err := s.limitRequests(ctx, &g, sentTo(state.Email.Value, i.verification)); err != nil {
			return err
		}
		out.Code, err = s.issue(ctx, d, streamOf(g.caller, g.userID), i.after(state.Invite))
		return err
	})
	if err != nil {
		return Coded{}, err
	}
	return out, nil
}

// AcceptInvite is open to everybody who has the code. One that went by email proves the address as well; one that was returned says
// nothing about the mailbox.
func (s *Service) AcceptInvite(ctx context.Context, caller *permission.Caller, req VerifyCode) (command.Receipt, error) {
	g, err := s.guard(opAcceptInvite, caller, req.UserID)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.redeem(ctx, s.guess(g, aboutInvite("", ""), req.Code), knownHuman, func(state *State) []proto.Message {
		accepted := []proto.Message{&eventv1.UserInviteAccepted{}}
		if state.Invite.sent() && !state.Email.Verified {
			accepted = append(accepted, &eventv1.UserEmailVerified{})
		}
		return accepted
	})
}
