// Package storetest is the test kit of the log: real Postgres databases and real JetStream, isolated for each test.
//
// A test binary that uses databases hands its run over, so that the server goes with it:
//
//	func TestMain(m *testing.M) { storetest.Main(m) }
//
// NewDatabase gives a test a database of its own with the log's schema, in about 30 ms: the binary's one server is made
// when the first test asks, with the schema in a template database from which the others are copied. That server does
// without fsync, so it is for what the log does, not for what survives a crash of the machine. NewCluster gives a test a
// server of its own that it may stop and kill, with all durability. NewNATS gives it a JetStream of its own.
//
// SIGNET_TEST_DATABASE_URL names a server to use instead of a private one; its user must be allowed to create
// databases. Main drops what the tests created there.
//
// A private server never outlives the test binary: Main stops it, and a binary that is killed or has no TestMain takes
// its server with it on Linux. The files such a binary leaves are removed by a later one.
package storetest
