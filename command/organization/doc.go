// Package organization is the aggregate of organizations: the owners of users.
//
// An organization comes into being once and stays; there is no command yet that changes or ends one. Therefore a state from
// the cache is as good as the newest to say that an organization exists.
package organization
