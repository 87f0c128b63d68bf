package provider

import (
	"errors"

	"github.com/signet-iam/signet/eventstore/failure"
)

// Refusals because of what is there, or is not.
var (
	ErrNotFound             = failure.New(failure.NotFound, "IDP_NOT_FOUND", "the identity provider does not exist")
	ErrOrganizationNotFound = failure.New(failure.NotFound, "ORGANIZATION_NOT_FOUND", "the organization does not exist")
)

// Refusals of settings.
var (
	ErrName        = failure.New(failure.InvalidArgument, "IDP_NAME_INVALID", "a provider needs a name of 1 to 200 characters without control characters")
	ErrKind        = failure.New(failure.InvalidArgument, "IDP_KIND_INVALID", "a provider is of exactly one kind")
	ErrKindChanged = failure.New(failure.InvalidArgument, "IDP_KIND_CHANGED", "the kind of a provider cannot change: add another one")
	ErrPreset      = failure.New(failure.InvalidArgument, "IDP_PRESET_INVALID", "the preset does not exist or is for another kind of provider")
	ErrCredentials = failure.New(failure.InvalidArgument, "IDP_CREDENTIALS_INVALID", "the credentials are not what this kind of provider needs")
	ErrAutomatic   = failure.New(failure.InvalidArgument, "IDP_AUTO_CREATION_INVALID", "auto_creation needs creation_allowed")
	ErrSettings    = failure.New(failure.InvalidArgument, "IDP_SETTINGS_INVALID", "the settings are incomplete or contradict each other")
)

// refusal says what went wrong with a provider to its administrator: in the words of the client, which hold no secret. Whatever
// it was, nobody but an administrator can mend it.
func refusal(err error) error {
	e, ok := errors.AsType[*failure.Error](err)
	if !ok {
		return err
	}
	return failure.New(failure.FailedPrecondition, e.Reason, e.Text).Because(err)
}

// invalid says the same of settings that are not kept yet.
func invalid(err error) error {
	e, ok := errors.AsType[*failure.Error](err)
	if !ok {
		return err
	}
	return failure.New(failure.InvalidArgument, e.Reason, e.Text).Because(err)
}
