package session

import "github.com/signet-iam/signet/query"

// StatementByID is the statement of Get.
const StatementByID = sqlByID

// Statements are those of a list, for looking at their plans.
func (r ListRequest) Statements(v query.Viewer) (state, rows string, stateArgs, rowsArgs []any, err error) {
	s, err := r.statements(v)
	return s.State, s.Rows, s.StateArgs, s.RowsArgs, err
}
