package userservice

import (
	"slices"

	"github.com/signet-iam/signet/api/avatar"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	queries "github.com/signet-iam/signet/query/user"
)

// memory is that of one list of users, some 150 KiB for a hundred. Pages serve again and again: made anew for every
// request, they were most of what the collector had to clear away, and its rounds were what the slowest answers waited for.
type memory struct {
	page     queries.Memory
	messages []user
	result   []*userv2.User
}

// fill writes users into its messages.
func (m *memory) fill(users []queries.User, avatars avatar.Addresses) []*userv2.User {
	m.messages = slices.Grow(m.messages[:0], len(users))[:len(users)]
	m.result = slices.Grow(m.result[:0], len(users))[:len(users)]
	clear(m.messages)
	for i := range users {
		m.result[i] = m.messages[i].fill(&users[i], avatars)
	}
	return m.result
}
