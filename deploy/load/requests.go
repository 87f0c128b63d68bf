package main

import (
	"context"
	"fmt"
	"math"
	"time"

	objectv2 "github.com/signet-iam/signet/api/gen/signet/object/v2"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
)

const pageSize = 100

// getting reads random people by id.
func (b *bench) getting(ctx context.Context) error {
	m, err := b.measure(ctx, b.getOne)
	if err != nil {
		return err
	}
	b.report.add(m.row("GetUserByID, strong", cpuGoal(m, 120*time.Microsecond)))
	return nil
}

func (b *bench) getOne(w *worker, _ int) error {
	id := b.people.ids[w.random.IntN(len(b.people.ids))]
	var answer userv2.GetUserByIDResponse
	if _, err := w.nodes[0].call("GetUserByID", &userv2.GetUserByIDRequest{UserId: id}, &answer); err != nil {
		return err
	}
	if got := answer.GetUser().GetUserId(); got != id {
		return fmt.Errorf("GetUserByID answered %q when asked for %q", got, id)
	}
	return nil
}

// finding lists by random email addresses.
func (b *bench) finding(ctx context.Context) error {
	m, err := b.measure(ctx, b.findOne)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("ListUsers by email, strong, %s users", thousands(b.users))
	b.report.add(m.row(name, cpuGoal(m, 250*time.Microsecond)))
	return nil
}

func (b *bench) findOne(w *worker, _ int) error {
	n := w.random.IntN(len(b.people.ids))
	found, err := findByEmail(w.nodes[0], n)
	if err != nil {
		return err
	}
	if len(found) != 1 || found[0].GetUserId() != b.people.ids[n] {
		return fmt.Errorf("ListUsers by email found %d users, not the one who has the address", len(found))
	}
	return nil
}

func findByEmail(c *connection, n int) ([]*userv2.User, error) {
	request := &userv2.ListUsersRequest{Queries: []*userv2.SearchQuery{{
		Query: &userv2.SearchQuery_EmailQuery{EmailQuery: &userv2.EmailQuery{EmailAddress: address(n)}},
	}}}
	var answer userv2.ListUsersResponse
	_, err := c.call("ListUsers", request, &answer)
	return answer.GetResult(), err
}

// paging lists the first page by every sorting column in both directions.
func (b *bench) paging(ctx context.Context) error {
	m, err := b.measure(ctx, b.listPage)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("ListUsers, %d of %s users, sorted, with total", pageSize, thousands(b.users))
	p99 := m.percentile(.99)
	b.report.add(m.row(name, cpuGoal(m, 2*time.Millisecond), goal{
		target: "p99 < 20 ms", reached: p99 < 20*time.Millisecond, figure: milliseconds(p99),
	}))
	return nil
}

func (b *bench) listPage(w *worker, n int) error {
	columns := len(userv2.UserFieldName_name) - 1 // without "unspecified"
	return listUsers(w, n, listed{rows: min(b.users, pageSize), least: uint64(b.users), most: math.MaxUint64}, &userv2.ListUsersRequest{
		Query:         &objectv2.ListQuery{Limit: pageSize, Asc: n/columns%2 == 0},
		SortingColumn: userv2.UserFieldName(1 + n%columns),
	})
}

// checkedPages is one in how many pages is decoded: decoding a hundred users costs this process about as much as a small
// request costs the server.
const checkedPages = 50

// listed is what a page has to show.
type listed struct {
	rows        int
	least, most uint64 // in all
}

// listUsers asks for the nth page.
func listUsers(w *worker, n int, want listed, request *userv2.ListUsersRequest) error {
	if n%checkedPages != 0 {
		size, err := w.nodes[0].call("ListUsers", request, nil)
		if err == nil && size < want.rows*50 {
			return fmt.Errorf("ListUsers answered %d bytes: too few for a page", size)
		}
		return err
	}
	var answer userv2.ListUsersResponse
	if _, err := w.nodes[0].call("ListUsers", request, &answer); err != nil {
		return err
	}
	if total := answer.GetDetails().GetTotalResult(); total < want.least || total > want.most || len(answer.GetResult()) != want.rows {
		return fmt.Errorf("ListUsers answered %d of %d users", len(answer.GetResult()), total)
	}
	return nil
}

// adding adds people.
func (b *bench) adding(ctx context.Context) error {
	m, err := b.measure(ctx, b.addOne)
	if err != nil {
		return err
	}
	const least = 3500
	name := "AddHumanUser, email verified, no password, read model included"
	b.report.add(m.row(name, cpuGoal(m, 350*time.Microsecond), goal{
		target: "≥ 3,500/s", reached: m.rate() >= least, figure: perSecond(m.rate()),
	}))
	return nil
}

func (b *bench) addOne(w *worker, _ int) error {
	n := int(b.issued.Add(1) - 1)
	var answer userv2.AddHumanUserResponse
	if _, err := w.nodes[0].call("AddHumanUser", newcomer(n), &answer); err != nil {
		return err
	}
	if answer.GetUserId() == "" {
		return fmt.Errorf("AddHumanUser answered no id")
	}
	return nil
}
