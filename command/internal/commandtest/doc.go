// Package commandtest sets up the write side on a real log for the tests of the packages around it.
//
// A Node is what one process has: store, vault, executors with their caches, services. Several nodes on one database stand
// for several processes.
package commandtest
