// Package e2e holds the black-box tests of Signet: they build the binary once, start it as anybody would, and talk to it
// over its port with real clients, with signals, and with SQL where something must be found, or must not be found, in the
// database.
//
// Each test owns its servers, data directories and ports, so all of them run side by side. Whatever a test is about, its
// servers must end in order when told to, and their logs must hold no fault and no panic: the harness checks that at the
// end of every test.
//
// What costs time by its number (loops, kills, users) stands in the type counts. The defaults keep the package under two
// minutes; SIGNET_E2E_FULL=1 runs the numbers that the promises of the README are stated with. SIGNET_E2E_RACE=1 builds the
// binary with the race detector.
//
// The gRPC-web test in Node installs its packages into web/node_modules, which git ignores. Where there is no Node, or no
// way to the packages, it is skipped; with SIGNET_E2E_NODE=required it fails instead, which is how .ci/run calls it.
//
// The passkey test drives a headless Chromium with its virtual authenticator. Where there is none it is skipped; with
// SIGNET_E2E_BROWSER=required it fails instead.
package e2e
