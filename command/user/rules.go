package user

import (
	"github.com/signet-iam/signet/command/permission"
)

// operation names a command; it is the name of the method that runs it.
type operation string

const (
	opAddHuman             operation = "AddHuman"
	opAddMachine           operation = "AddMachine"
	opUpdateHuman          operation = "UpdateHuman"
	opChangeUsername       operation = "ChangeUsername"
	opChangeProfile        operation = "ChangeProfile"
	opDeactivate           operation = "Deactivate"
	opReactivate           operation = "Reactivate"
	opLock                 operation = "Lock"
	opUnlock               operation = "Unlock"
	opDelete               operation = "Delete"
	opSetEmail             operation = "SetEmail"
	opSendEmailCode        operation = "SendEmailCode"
	opResendEmailCode      operation = "ResendEmailCode"
	opVerifyEmail          operation = "VerifyEmail"
	opSetPhone             operation = "SetPhone"
	opSendPhoneCode        operation = "SendPhoneCode"
	opResendPhoneCode      operation = "ResendPhoneCode"
	opVerifyPhone          operation = "VerifyPhone"
	opRemovePhone          operation = "RemovePhone"
	opRequestPasswordReset operation = "RequestPasswordReset"
	opSetPassword          operation = "SetPassword"
	opIssueToken           operation = "IssueToken"
	opRevokeToken          operation = "RevokeToken"
	opCreateToken          operation = "CreateToken"
	opUpdateToken          operation = "UpdateToken"
	opExpireToken          operation = "ExpireToken"
	opRegenerateToken      operation = "RegenerateToken"

	opRegisterPasskey     operation = "RegisterPasskey"
	opVerifyPasskey       operation = "VerifyPasskey"
	opRemovePasskey       operation = "RemovePasskey"
	opRequestPasskeyCode  operation = "RequestPasskeyCode"
	opRegisterU2F         operation = "RegisterU2F"
	opVerifyU2F           operation = "VerifyU2F"
	opRemoveU2F           operation = "RemoveU2F"
	opBeginAssertion      operation = "BeginAssertion"
	opUseWebAuthn         operation = "UseWebAuthn"
	opRegisterTOTP        operation = "RegisterTOTP"
	opVerifyTOTP          operation = "VerifyTOTP"
	opUseTOTP             operation = "UseTOTP"
	opRemoveTOTP          operation = "RemoveTOTP"
	opAddOTPSMS           operation = "AddOTPSMS"
	opRemoveOTPSMS        operation = "RemoveOTPSMS"
	opAddOTPEmail         operation = "AddOTPEmail"
	opRemoveOTPEmail      operation = "RemoveOTPEmail"
	opSkipMFAInit         operation = "SkipMFAInit"
	opAddRecoveryCodes    operation = "AddRecoveryCodes"
	opUseRecoveryCode     operation = "UseRecoveryCode"
	opRemoveRecoveryCodes operation = "RemoveRecoveryCodes"
	opInvite              operation = "Invite"
	opResendInvite        operation = "ResendInvite"
	opAcceptInvite        operation = "AcceptInvite"
	opLinkProvider        operation = "LinkProvider"
	opUnlinkProvider      operation = "UnlinkProvider"
	opUpdateMachine       operation = "UpdateMachine"
	opSetSecret           operation = "SetSecret"
	opRemoveSecret        operation = "RemoveSecret"
	opAddKey              operation = "AddKey"
	opRemoveKey           operation = "RemoveKey"
	opSetMetadata         operation = "SetMetadata"
	opRemoveMetadata      operation = "RemoveMetadata"
	opSetAvatar           operation = "SetAvatar"
	opRemoveAvatar        operation = "RemoveAvatar"
	opCheckPassword       operation = "CheckPassword"
	opCheckSecret         operation = "CheckSecret"
	opChallengeOTP        operation = "ChallengeOTP"
	opUseOTP              operation = "UseOTP"
)

// rule says who may run a command.
type rule struct {
	needs permission.Permission // on the organization of the user
	self  self
	// proof opens the command to everybody who proves something about the user: a code, or the current password.
	proof bool
}

// self says whether being the user is enough.
type self uint8

const (
	selfNot     self = iota
	selfMay          // being the user is enough
	selfWithOwn      // being the user and holding user.self.delete is
)

// rules is the one place that says who may do what to users. A command that does not stand here is denied to everybody.
func rules(op operation) (rule, bool) {
	switch op {
	case opAddHuman, opAddMachine, opDeactivate, opReactivate, opLock, opUnlock:
		return rule{needs: permission.UserWrite}, true
	case opUpdateHuman, opChangeUsername, opChangeProfile, opUpdateMachine, opSetEmail, opSendEmailCode, opResendEmailCode,
		opSetPhone, opSendPhoneCode, opResendPhoneCode, opRemovePhone, opSetMetadata, opRemoveMetadata,
		opRequestPasswordReset, opSkipMFAInit, opInvite, opResendInvite, opBeginAssertion, opChallengeOTP:
		return rule{needs: permission.UserWrite, self: selfMay}, true
	case opSetAvatar, opRemoveAvatar:
		return rule{needs: permission.UserWrite, self: selfMay}, true
	case opLinkProvider:
		// Being the user proves nothing about an account elsewhere: whoever could claim one would be signed in as by its owner.
		return rule{needs: permission.UserWrite}, true
	case opRemovePasskey, opRemoveU2F, opRemoveTOTP, opRemoveOTPSMS, opRemoveOTPEmail, opRemoveRecoveryCodes, opUnlinkProvider:
		return rule{needs: permission.UserWrite, self: selfMay}, true
	case opDelete:
		return rule{needs: permission.UserDelete, self: selfWithOwn}, true
	case opVerifyEmail, opVerifyPhone, opAcceptInvite, opUseWebAuthn, opUseTOTP, opUseRecoveryCode,
		opCheckPassword, opCheckSecret, opUseOTP:
		return rule{needs: permission.UserWrite, self: selfMay, proof: true}, true
	case opSetPassword:
		return rule{needs: permission.UserWrite, proof: true}, true
	case opRegisterPasskey, opVerifyPasskey:
		return rule{needs: permission.UserCredentialWrite, self: selfMay, proof: true}, true
	case opRegisterU2F, opVerifyU2F, opRegisterTOTP, opVerifyTOTP, opAddOTPSMS, opAddOTPEmail, opAddRecoveryCodes:
		return rule{needs: permission.UserCredentialWrite, self: selfMay}, true
	case opRequestPasskeyCode:
		// Whoever is the user may register a passkey, and so may hand the right to do it to another device.
		return rule{needs: permission.UserPasskeyWrite, self: selfMay}, true
	case opIssueToken, opRevokeToken:
		// A token of another user is that user: user.write is not enough.
		return rule{needs: permission.UserCredentialWrite}, true
	case opSetSecret, opRemoveSecret, opAddKey, opRemoveKey, opCreateToken, opUpdateToken, opExpireToken, opRegenerateToken:
		return rule{needs: permission.UserCredentialWrite, self: selfMay}, true
	}
	return rule{}, false
}

// admits reports whether the rule lets a caller do this to a user by what the caller is, without a proof.
func (r rule) admits(caller *permission.Caller, organization, userID string) bool {
	if caller.May(r.needs, organization) {
		return true
	}
	switch r.self {
	case selfMay:
		return caller.Is(userID)
	case selfWithOwn:
		return caller.Is(userID) && caller.May(permission.UserSelfDelete, organization)
	}
	return false
}

// guard is the check of one run of a command.
type guard struct {
	rule
	caller *permission.Caller
	userID string
	known  bool // the command has a rule
	// declares says that the command asks for something which being the user is not enough for: to declare an address
	// proven, to see a code, to set a password without knowing the old one.
	declares bool
	budget   *budget
}

// guard looks the rule up. Its refusal is that of a caller who is nobody.
func (s *Service) guard(op operation, caller *permission.Caller, userID string) (guard, error) {
	if !caller.Authenticated() {
		return guard{}, permission.ErrUnauthenticated
	}
	r, ok := rules(op)
	return guard{
		rule: r, caller: caller, userID: userID, known: ok, budget: &budget{store: s.rt.Store, stream: streamOf(caller, userID)},
	}, nil
}

// privileged reports whether the caller may know about the user, proof or not.
func (g *guard) privileged(organization string) bool {
	return g.known && g.admits(g.caller, organization, g.userID)
}

// check refuses callers who may not run the command without a proof.
func (g *guard) check(organization string) error {
	if !g.privileged(organization) {
		return permission.ErrDenied
	}
	if g.declares {
		return g.needsWrite(organization)
	}
	return nil
}

// needsWrite refuses callers who may run the command only because they are the user: an address counts as proven when its
// code came back or when an administrator says so, not when its owner does.
func (g *guard) needsWrite(organization string) error {
	return g.caller.Check(permission.UserWrite, organization)
}
