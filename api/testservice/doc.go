// Package testservice implements signet.test.v1.TestAuthService and TestNoAuthService, on which clients try themselves out. What is
// tested stands in front of the handlers.
package testservice
