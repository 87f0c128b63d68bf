package user

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/signet-iam/signet/eventstore/failure"
	"github.com/signet-iam/signet/query"
)

type fakeViewer struct {
	subject string
	some    []string
	all     bool
}

func (v fakeViewer) TenantID() string                      { return "default" }
func (v fakeViewer) SubjectID() string                     { return v.subject }
func (v fakeViewer) Organizations(string) ([]string, bool) { return v.some, v.all }
func (v fakeViewer) May(_, organization string) bool {
	for _, o := range v.some {
		if o == organization && o != "" {
			return true
		}
	}
	return v.all
}

// Everything a caller can put into a question, as one tree.
func everything(value string) []Filter {
	var all []Filter
	for f := range fieldCount {
		for m := query.Equals; m.Known(); m++ {
			all = append(all, Text{f, m, value})
		}
	}
	all = append(all, InIDs{value}, InEmails{value}, InOrganization(value), StateIs(StateActive), KindIs(KindHuman))
	return all
}

func TestStatementTextIsFreeOfValues(t *testing.T) {
	t.Parallel()
	const value = `x'); drop table users; --`
	for _, f := range everything(value) {
		for _, filter := range []Filter{f, Not{f}, Or{f, And{f, Not{Not{f}}}}} {
			r := ListRequest{Filters: []Filter{filter}, Page: query.Page{Offset: 7, Limit: 3}, Sort: ByEmail}
			plain, err := r.statements(fakeViewer{subject: value, some: []string{value}})
			if err != nil {
				t.Fatal(err)
			}
			for _, sql := range []string{plain.State, plain.Rows} {
				if strings.Contains(sql, "drop") {
					t.Fatalf("%#v: a value is in the text: %s", filter, sql)
				}
				if literal := regexp.MustCompile(`'[^']*'`).FindAllString(sql, -1); len(literal) > 2+1 {
					t.Fatalf("%#v: unexpected literals %q", filter, literal)
				}
			}
			if len(plain.RowsArgs) != len(plain.StateArgs)+1 {
				t.Fatalf("offset must be a parameter of the rows only")
			}
		}
	}
}

func TestStatementShapesDoNotDependOnValues(t *testing.T) {
	t.Parallel()
	a, b := everything("abc"), everything("Zürich")
	for i := range a {
		x, errX := ListRequest{Filters: []Filter{a[i]}, Page: query.Page{Limit: 11}}.statements(fakeViewer{all: true})
		y, errY := ListRequest{Filters: []Filter{b[i]}, Page: query.Page{Limit: 49}}.statements(fakeViewer{all: true})
		if errX != nil || errY != nil {
			t.Fatal(errX, errY)
		}
		if x.Rows != y.Rows || x.State != y.State {
			t.Errorf("%T: the same shape has two texts:\n%s\n%s", a[i], x.Rows, y.Rows)
		}
	}
}

func TestLargeTreesAreNotPrepared(t *testing.T) {
	t.Parallel()
	for nodes, want := range map[int]bool{1: true, preparedNodes: true, preparedNodes + 1: false} {
		filters := make([]Filter, nodes)
		for i := range filters {
			filters[i] = StateIs(StateActive)
		}
		s, err := ListRequest{Filters: filters}.statements(fakeViewer{all: true})
		if err != nil {
			t.Fatal(err)
		}
		if s.Prepared != want {
			t.Errorf("%d nodes: prepared = %t", nodes, s.Prepared)
		}
	}
}

func nest(depth int) Filter {
	f := Filter(StateIs(StateActive))
	for range depth {
		f = Not{f}
	}
	return f
}

func TestLimitsOfQuestions(t *testing.T) {
	t.Parallel()
	many := func(n int) []Filter {
		filters := make([]Filter, n)
		for i := range filters {
			filters[i] = KindIs(KindHuman)
		}
		return filters
	}
	long := strings.Repeat("x", query.MaxText)
	for name, c := range map[string]struct {
		request ListRequest
		want    *failure.Error
	}{
		"no filter":                 {ListRequest{}, nil},
		"deepest":                   {ListRequest{Filters: []Filter{nest(MaxDepth)}}, nil},
		"too deep":                  {ListRequest{Filters: []Filter{nest(MaxDepth + 1)}}, errTooDeep},
		"most nodes":                {ListRequest{Filters: many(MaxNodes)}, nil},
		"too many nodes":            {ListRequest{Filters: many(MaxNodes + 1)}, errTooManyNodes},
		"too many nodes nested":     {ListRequest{Filters: []Filter{Or(many(MaxNodes))}}, errTooManyNodes},
		"no condition":              {ListRequest{Filters: []Filter{nil}}, query.ErrNoCondition},
		"no condition in not":       {ListRequest{Filters: []Filter{Not{}}}, query.ErrNoCondition},
		"no condition in or":        {ListRequest{Filters: []Filter{Or{nil}}}, query.ErrNoCondition},
		"no condition in and":       {ListRequest{Filters: []Filter{And{nil}}}, query.ErrNoCondition},
		"most listed":               {ListRequest{Filters: []Filter{make(InIDs, query.MaxListed)}}, nil},
		"too many listed":           {ListRequest{Filters: []Filter{make(InIDs, query.MaxListed+1)}}, errTooManyListed},
		"too many listed together":  {ListRequest{Filters: []Filter{make(InIDs, 1), make(InEmails, query.MaxListed)}}, errTooManyListed},
		"long text":                 {ListRequest{Filters: []Filter{Text{Email, query.Equals, long}}}, nil},
		"too long text":             {ListRequest{Filters: []Filter{Text{Email, query.Equals, long + "x"}}}, query.ErrInvalidText},
		"zero byte":                 {ListRequest{Filters: []Filter{Text{Email, query.Equals, "a\x00b"}}}, query.ErrInvalidText},
		"zero byte in organization": {ListRequest{Filters: []Filter{InOrganization("\x00")}}, query.ErrInvalidText},
		"zero byte in id":           {ListRequest{Filters: []Filter{InIDs{"\x00"}}}, query.ErrInvalidText},
		"zero byte in address":      {ListRequest{Filters: []Filter{InEmails{"\x00"}}}, query.ErrInvalidText},
		"unknown field":             {ListRequest{Filters: []Filter{Text{Field: fieldCount}}}, query.ErrUnknownField},
		"unknown method":            {ListRequest{Filters: []Filter{Text{Method: query.EndsWithIgnoreCase + 1}}}, query.ErrUnknownField},
		"unknown column":            {ListRequest{Sort: columnEnd}, query.ErrUnknownColumn},
		"largest page":              {ListRequest{Page: query.Page{Limit: query.MaxLimit}}, nil},
		"too large page":            {ListRequest{Page: query.Page{Limit: query.MaxLimit + 1}}, query.ErrLimit},
		"offset":                    {ListRequest{Page: query.Page{Offset: 1 << 61}}, nil},
		"offset out of range":       {ListRequest{Page: query.Page{Offset: 1 << 63}}, query.ErrOffset},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := c.request.statements(fakeViewer{all: true})
			if c.want == nil && err != nil || c.want != nil && !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestSuccessor(t *testing.T) {
	t.Parallel()
	for prefix, want := range map[string]string{
		"a":                  "b",
		"az":                 "a{",
		"é":                  "ê",
		"\u007f":             "\u0080",
		"\ud7ff":             "\ue000",
		"a\U0010ffff":        "b",
		"":                   "",
		"\U0010ffff":         "",
		"xy\U0010ffff\u00ff": "xy\U0010ffff\u0100",
	} {
		got, bounded := successor(prefix)
		if got != want || bounded != (want != "") {
			t.Errorf("successor(%q) = %q, %t; want %q", prefix, got, bounded, want)
		}
	}
}
