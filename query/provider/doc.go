// Package provider answers questions about identity providers from the read model of projection/providers.
//
// A viewer sees the providers of the organizations on which it holds idp.read, and with that permission on the whole
// instance all of them, those without an organization included. Who holds it nowhere is denied before anything is looked
// up, so that unknown and existing providers look the same. What an organization had is gone from the moment it has ended.
//
// Answers are as fresh as package query says. They hold settings only: credentials are no part of the read model.
//
// Refusals are *failure.Error values of this package and of package query; everything else is a fault.
package provider
