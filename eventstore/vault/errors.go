package vault

import "errors"

var (
	// ErrErased says that a subject has no data key: it was erased, or never had one.
	ErrErased = errors.New("vault: the subject has no data key")

	// ErrDamaged says that a value was changed after it was sealed, or stands in a place it was not sealed for.
	ErrDamaged = errors.New("vault: sealed value is damaged or out of place")

	// ErrWrongKey says that the master keys at hand do not open the data keys of this database.
	ErrWrongKey = errors.New("vault: wrong master key: put back the master key file this database was set up with")

	// ErrNoDigestKey says that a tenant has no digest key yet; EnsureDigestKey makes one.
	ErrNoDigestKey = errors.New("vault: the tenant has no digest key")

	// ErrKeyFile says that a master key file or variable cannot be used; the text around it says why.
	ErrKeyFile = errors.New("vault: master keys are unusable")
)
