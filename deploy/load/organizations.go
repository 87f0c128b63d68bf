package main

import (
	"context"
	"fmt"
	"time"

	objectv2 "github.com/signet-iam/signet/api/gen/signet/object/v2"
	orgv2 "github.com/signet-iam/signet/api/gen/signet/org/v2"
	"github.com/signet-iam/signet/api/gen/signet/org/v2/orgv2connect"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
)

const (
	// membersEach is the number of people in each organization.
	membersEach = 1000
	// managers look at lists at once. They keep two processors busy; more of them measure how long the queue is.
	managers = 8
)

// organizing fills organizations with people and lists those of one, with the exact total.
func (b *bench) organizing(ctx context.Context) error {
	organizations, err := b.found(ctx)
	if err != nil {
		return err
	}
	usual := func(int) userv2.UserFieldName { return 0 }
	for _, c := range []struct {
		name        string
		sort        func(n int) userv2.UserFieldName
		connections int
		target      time.Duration
	}{
		{"in the usual order", usual, b.connections, 20 * time.Millisecond},
		{fmt.Sprintf("in the usual order, %d readers", managers), usual, managers, 20 * time.Millisecond},
		{fmt.Sprintf("sorted by each column in turn, %d readers", managers), anyColumn, managers, 0},
	} {
		m, err := b.measureWith(ctx, c.connections, func(w *worker, n int) error {
			return listOne(w, n, organizations[w.random.IntN(len(organizations))], c.sort(n))
		})
		if err != nil {
			return err
		}
		name := fmt.Sprintf("ListUsers of one of %s organizations with %s users, with total, %s",
			thousands(len(organizations)), thousands(len(organizations)*membersEach), c.name)
		b.report.add(m.row(name, swiftGoals(m, c.target)...))
	}
	return nil
}

// anyColumn is what the nth list is sorted by.
func anyColumn(n int) userv2.UserFieldName {
	return userv2.UserFieldName(1 + n%(len(userv2.UserFieldName_name)-1))
}

// listOne lists the first page of an organization's people.
func listOne(w *worker, n int, organization string, by userv2.UserFieldName) error {
	return listUsers(w, n, listed{rows: pageSize, least: membersEach, most: membersEach}, &userv2.ListUsersRequest{
		Query:         &objectv2.ListQuery{Limit: pageSize, Asc: true},
		SortingColumn: by,
		Queries: []*userv2.SearchQuery{{Query: &userv2.SearchQuery_OrganizationIdQuery{
			OrganizationIdQuery: &userv2.OrganizationIdQuery{OrganizationId: organization},
		}}},
	})
}

// found makes the organizations and adds their people.
func (b *bench) found(ctx context.Context) ([]string, error) {
	organizations := make([]string, (b.members+membersEach-1)/membersEach)
	crew, err := b.crew(ctx)
	if err != nil {
		return nil, err
	}
	defer crew.close()
	_, err = crew.run(ctx, plan{count: len(organizations)}, func(w *worker, n int) error {
		var answer orgv2.AddOrganizationResponse
		_, err := w.nodes[0].call(orgv2connect.OrganizationServiceAddOrganizationProcedure,
			&orgv2.AddOrganizationRequest{Name: fmt.Sprintf("Organization %d", n)}, &answer)
		organizations[n] = answer.GetOrganizationId()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("organizations: %w", err)
	}
	b.say("%d people are added to %d organizations", len(organizations)*membersEach, len(organizations))
	_, err = crew.run(ctx, plan{count: len(organizations) * membersEach}, func(w *worker, n int) error {
		request := newcomer(int(b.issued.Add(1) - 1))
		request.Organization = &objectv2.Organization{Org: &objectv2.Organization_OrgId{OrgId: organizations[n%len(organizations)]}}
		_, err := w.nodes[0].call("AddHumanUser", request, nil)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("people of organizations: %w", err)
	}
	if err := b.base.settle(ctx); err != nil {
		return nil, err
	}
	return organizations, b.base.exec(ctx, "vacuum analyze", "checkpoint")
}
