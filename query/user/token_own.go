package user

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/eventstore/failure"
	"github.com/signet-iam/signet/query"
)

// ErrTokenNotFound is the refusal of Token.
var ErrTokenNotFound = failure.New(failure.NotFound, "USER_TOKEN_NOT_FOUND", "the user has no such token")

// Token is a personal access token, without its value.
type Token struct {
	ID         string
	Name       string
	CreatedAt  time.Time
	ExpiresAt  time.Time // zero: never; of a token that was expired by force: when that happened
	LastUsedAt time.Time // to within some minutes; zero: never
}

// TokenList are the tokens of one user, oldest first.
type TokenList struct {
	Tokens []Token
	query.Reflected
}

// TokensOf returns all tokens of a user, of which there are not many, those that are expired too. It refuses as Passkeys does.
func (q *Queries) TokensOf(ctx context.Context, viewer query.Viewer, userID string, c query.Consistency) (TokenList, error) {
	return q.tokensOf(ctx, viewer, owner{id: userID, consistency: c}, "")
}

// TokenRequest names a token of a user.
type TokenRequest struct {
	UserID, ID  string
	Consistency query.Consistency
}

// Token returns one token of a user. It refuses as Passkeys does, and with ErrTokenNotFound where there is none.
func (q *Queries) Token(ctx context.Context, viewer query.Viewer, r TokenRequest) (Token, query.Reflected, error) {
	if !query.ValidID(r.ID) {
		return Token{}, query.Reflected{}, ErrTokenNotFound
	}
	list, err := q.tokensOf(ctx, viewer, owner{id: r.UserID, consistency: r.Consistency}, r.ID)
	if err != nil {
		return Token{}, query.Reflected{}, err
	}
	if len(list.Tokens) == 0 {
		return Token{}, query.Reflected{}, ErrTokenNotFound
	}
	return list.Tokens[0], list.Reflected, nil
}

// tokensOf returns the token with this id, or all of them if it is empty.
func (q *Queries) tokensOf(ctx context.Context, viewer query.Viewer, o owner, id string) (TokenList, error) {
	var list TokenList
	reflected, err := q.ofUser(ctx, viewer, o, func(ctx context.Context) (account, error) {
		rows, err := q.pool.Query(ctx, sqlOwnTokens, viewer.TenantID(), o.id, id)
		if err != nil {
			return account{}, err
		}
		var a account
		a, list.Tokens, err = scanTokens(rows)
		return a, err
	})
	if err != nil {
		return TokenList{}, err
	}
	list.Reflected = reflected
	return list, nil
}

func scanTokens(rows pgx.Rows) (a account, found []Token, err error) {
	defer rows.Close()
	for rows.Next() {
		var (
			id, name               *string
			created, expires, used *time.Time
		)
		into := append(a.fields(), &id, &name, &created, &expires, &used)
		if err := rows.Scan(into...); err != nil {
			return account{}, nil, err
		}
		if id != nil { // the outer join found one
			found = append(found, Token{
				ID: *id, Name: *name, CreatedAt: created.UTC(), ExpiresAt: momentOf(expires), LastUsedAt: momentOf(used),
			})
		}
	}
	return a, found, rows.Err()
}

// momentOf is zero for what never happens.
func momentOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}
