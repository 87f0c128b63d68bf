package authservice

import (
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	"github.com/signet-iam/signet/command/permission"
	commands "github.com/signet-iam/signet/command/user"
)

// registered is the answer of an authenticator to a registration of the caller's, which it does not name: the challenge in it does.
func registered(caller *permission.Caller, v *authv1.WebAuthNVerification) commands.VerifyCredential {
	return commands.VerifyCredential{UserID: caller.SubjectID(), Name: v.GetTokenName(), Response: v.GetPublicKeyCredential()}
}
