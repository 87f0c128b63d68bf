package user

import "github.com/signet-iam/signet/query"

// StatementByID is the statement of Get.
const StatementByID = sqlByID

// StatementCredentials is the statement that reads what one user has.
const StatementCredentials = sqlCredentials

// StatementWithEmail and StatementWithPhone find the holders of an address.
const (
	StatementWithEmail = sqlWithEmail
	StatementWithPhone = sqlWithPhone
)

// Statements are those of a list, for looking at their plans.
func (r ListRequest) Statements(v query.Viewer) (state, rows string, stateArgs, rowsArgs []any, err error) {
	s, err := r.statements(v)
	return s.State, s.Rows, s.StateArgs, s.RowsArgs, err
}

// Statements are those of a list of keys, for looking at their plans.
func (r IssuedRequest) Statements(v query.Viewer) (state, rows string, stateArgs, rowsArgs []any, err error) {
	s, err := r.statements(v, kindKey)
	return s.State, s.Rows, s.StateArgs, s.RowsArgs, err
}
