package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
)

// serve answers like a Connect server: people by their id, "unknown" with a refusal, "big" with a body in chunks.
func serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var request userv2.GetUserByIDRequest
	if err := proto.Unmarshal(body, &request); err != nil || r.Header.Get("Authorization") != "Bearer secret" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	id := request.GetUserId()
	answer := &userv2.GetUserByIDResponse{User: &userv2.User{UserId: id}}
	switch id {
	case "unknown":
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"code":"not_found","message":"no such user"}`)
		return
	case "big":
		answer.User.Username = strings.Repeat("x", 200_000)
	}
	out, _ := proto.Marshal(answer)
	_, _ = w.Write(out)
}

func connect(t *testing.T) *connection {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(serve))
	t.Cleanup(server.Close)
	c, err := dial(t.Context(), server.Listener.Addr().String(), "secret")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.close)
	return c
}

func TestConnectionAnswersOneCallAfterTheOther(t *testing.T) {
	t.Parallel()
	c := connect(t)
	for _, id := range []string{"a", "big", "b"} {
		var answer userv2.GetUserByIDResponse
		size, err := c.call("GetUserByID", &userv2.GetUserByIDRequest{UserId: id}, &answer)
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		if answer.GetUser().GetUserId() != id || size != proto.Size(&answer) {
			t.Errorf("asked for %s: got %s in %d bytes", id, answer.GetUser().GetUserId(), size)
		}
	}
}

func TestConnectionReportsRefusalsAndGoesOn(t *testing.T) {
	t.Parallel()
	c := connect(t)
	_, err := c.call("GetUserByID", &userv2.GetUserByIDRequest{UserId: "unknown"}, nil)
	refusal, ok := errors.AsType[*callError](err)
	if !ok || refusal.Code != "not_found" || refusal.status != http.StatusNotFound {
		t.Fatalf("got %v", err)
	}
	if _, err := c.call("GetUserByID", &userv2.GetUserByIDRequest{UserId: "a"}, nil); err != nil {
		t.Errorf("after a refusal: %v", err)
	}
}

func TestJudgeTellsMissesFromFaults(t *testing.T) {
	t.Parallel()
	var s sightings
	broken := errors.New("broken")
	for _, c := range []struct {
		err   error
		shown bool
		want  error
	}{
		{nil, true, nil},
		{nil, false, nil},
		{&callError{Code: "not_found"}, false, nil},
		{&callError{Code: "unavailable"}, false, nil},
		{broken, false, broken},
	} {
		if got := s.judge(c.err, c.shown); !errors.Is(got, c.want) {
			t.Errorf("judge(%v, %v) = %v", c.err, c.shown, got)
		}
	}
	if s.missing.Load() != 2 || s.refused.Load() != 1 {
		t.Errorf("%d missing, %d refused", s.missing.Load(), s.refused.Load())
	}
}

func TestCrewCountsEachOperationOnce(t *testing.T) {
	t.Parallel()
	c, err := assemble(t.Context(), 8)
	if err != nil {
		t.Fatal(err)
	}
	seen := make([]int, 1000)
	got, err := c.run(t.Context(), plan{count: len(seen)}, func(_ *worker, n int) error {
		seen[n]++
		return nil
	})
	if err != nil || got.operations != len(seen) || got.percentile(.5) > got.percentile(.99) {
		t.Fatalf("%d operations, %v", got.operations, err)
	}
	for n, times := range seen {
		if times != 1 {
			t.Errorf("operation %d ran %d times", n, times)
		}
	}
}

func TestCrewStopsAtAnError(t *testing.T) {
	t.Parallel()
	c, err := assemble(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	_, err = c.run(t.Context(), plan{duration: time.Hour}, func(_ *worker, n int) error {
		if n == 100 {
			return broken
		}
		return nil
	})
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

func TestCrewReportsThatItWasInterrupted(t *testing.T) {
	t.Parallel()
	c, err := assemble(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err = c.run(ctx, plan{duration: time.Hour}, func(_ *worker, n int) error {
		if n == 10 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestPercentile(t *testing.T) {
	t.Parallel()
	var s tally
	if s.percentile(.99) != 0 {
		t.Error("nothing has no percentile")
	}
	for i := range 200 {
		s.latencies = append(s.latencies, time.Duration(i))
	}
	for share, want := range map[float64]time.Duration{0: 0, .5: 100, .99: 198, 1: 199} {
		if got := s.percentile(share); got != want {
			t.Errorf("percentile(%v) = %d, want %d", share, got, want)
		}
	}
}

func TestParseTimes(t *testing.T) {
	t.Parallel()
	line := "42 (a) b (c)) S 7 42 42 0 -1 4194304 100 200 0 0 11 22 33 44 20 0 5 0 1000"
	got, err := parseTimes(line)
	want := processTimes{parent: 7, own: 330 * time.Millisecond, reaped: 770 * time.Millisecond}
	if err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	if _, err := parseTimes("42 (cut) S 7"); err == nil {
		t.Error("a line that is cut short is an error")
	}
}

func TestFamilyTimeCountsLivingChildren(t *testing.T) {
	t.Parallel()
	own, err := processTime(os.Getppid())
	if err != nil {
		t.Fatal(err)
	}
	family, err := familyTime(os.Getppid())
	if err != nil || family < own {
		t.Errorf("family %v, own %v, %v", family, own, err)
	}
}

func TestParseInserts(t *testing.T) {
	t.Parallel()
	out := "number of transactions actually processed: 30000\ninitial connection time = 12.3 ms\ntps = 15000.5 (without initial connection time)\n"
	got, err := parseInserts(out)
	if err != nil || got.operations != 30000 || int(got.rate()) != 15000 {
		t.Errorf("got %+v at %.1f/s, %v", got, got.rate(), err)
	}
	if _, err := parseInserts("pgbench: error"); err == nil {
		t.Error("a summary without a rate is an error")
	}
}

func TestReportShowsWhatWasMissedLeftOutAndBrokenOff(t *testing.T) {
	t.Parallel()
	r := newReport(options{connections: 32, users: 100_000, duration: time.Second}, machine{"2026-01-02", "a machine"})
	m := measurement{tally: tally{operations: 1000, elapsed: time.Second}, signet: 200 * time.Millisecond, postgres: 300 * time.Millisecond}
	r.add(m.row("reading", cpuGoal(m, 400*time.Microsecond), goal{"≥ 500/s", true, "1,000/s"}))
	r.leftOut, r.failed = []string{"append"}, "page"
	text := r.markdown()
	for _, want := range []string{
		"| reading | 1,000/s | – | – | 0.500 ms (0.200 + 0.300) | CPU ≤ 0.400 ms; ≥ 500/s | **missed**: 0.500 ms; yes: 1,000/s |",
		"**Not measured**, because they were not chosen: append.",
		"**Broken off** in case page",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the report lacks %q:\n%s", want, text)
		}
	}
}

func TestPeopleDiffer(t *testing.T) {
	t.Parallel()
	addresses := make(map[string]int)
	names := make(map[string]int)
	for n := range 20_000 {
		if before, taken := addresses[address(n)]; taken {
			t.Fatalf("%d and %d have the address %s", before, n, address(n))
		}
		addresses[address(n)] = n
		names[given(n)+" "+family(n)]++
	}
	if len(names) != len(givenNames)*len(familyNames) {
		t.Errorf("%d of %d combinations of names occur", len(names), len(givenNames)*len(familyNames))
	}
}

func TestOptionsRefuseNonsense(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-users", "0"}, {"-cases", "("}, {"-rounds", "-1"}, {"unknown"}} {
		if _, err := parseOptions(args, io.Discard); err == nil || errors.Is(err, flag.ErrHelp) {
			t.Errorf("%v: got %v", args, err)
		}
	}
	b := &bench{progress: io.Discard, report: &report{}}
	b.cases = regexp.MustCompile("^nothing$")
	if err := b.run(t.Context()); err == nil || len(b.report.leftOut) != len(caseNames()) {
		t.Errorf("a choice of no case: got %v, left out %v", err, b.report.leftOut)
	}
}
