// Package object writes what signet.object.v2 says about every object: where a write left it, and what a list was cut from.
package object
