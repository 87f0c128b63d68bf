// Package querytest is for tests of queries about who may do what where: a log with read models that follow it, and a world in
// which random things happen, which knows by itself what must be left of them.
package querytest
