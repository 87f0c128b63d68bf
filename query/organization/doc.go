// Package organization answers questions about organizations from the read model of projection/organizations.
//
// A viewer sees the organizations on which it holds org.read, and always the one it belongs to. What organization that is
// says the log: the owner of the viewer's own stream. A list never refuses for want of permission, it is shorter instead, and its
// total counts what the viewer may see. Who asks about one organization that it may not see is denied, whether there is
// such an organization or not.
//
// Organizations that were removed are in no list and are not found.
//
// Answers are as fresh as package query says. Refusals are *failure.Error values of this package and of package query;
// everything else is a fault.
package organization
