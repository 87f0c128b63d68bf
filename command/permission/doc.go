// Package permission says who may do what.
//
// A Caller is a user who has proven who it is, with the permissions that its roles give it: on the whole instance, or on
// single organizations. Which role gives which permission stands in one table (roles.go). Everything that is not given is
// denied; the zero Caller and the nil Caller may do nothing.
//
// Commands and queries ask the caller, never the transport: whichever way a request came in, it meets the same check. A
// permission on an object is asked for on the organization that owns the object. For an object that does not exist the
// organization is "", which only permissions on the whole instance cover, so that a caller cannot tell an object it has no
// rights on from one that is not there.
//
// The only failure is ErrDenied.
package permission
