package project

import "github.com/signet-iam/signet/query"

// StatementByID is the statement of Get.
const StatementByID = sqlByID

// Statements are those of a list, for looking at their plans.
func (r ListRequest) Statements(v query.ProjectViewer) (query.Statements, error) {
	return r.statements(v)
}

// Statements are those of a list, for looking at their plans.
func (r RolesRequest) Statements(v query.ProjectViewer) (query.Statements, error) {
	return r.statements(v)
}

// Statements are those of a list, for looking at their plans.
func (r GrantsRequest) Statements(v query.ProjectViewer) (query.Statements, error) {
	return r.statements(v)
}
