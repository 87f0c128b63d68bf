// Package config is what an operator can set: flags, the SIGNET_ variables of the same names, and a YAML file, in this order
// of precedence, over defaults that need nothing.
//
// The file has the flags' names as keys, nested or not: "smtp-host: mail" and "smtp: {host: mail}" are the same. A key that
// no flag has is an error, so that a misspelt setting is not silently ignored. Secrets never appear when a configuration is
// printed.
package config
