package history

// Statement is what a page of a request is read with.
func (r Request) Statement(limit int) (sql string, beyond int64) { return r.statement(limit) }
