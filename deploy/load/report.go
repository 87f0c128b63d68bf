package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// report collects rows and prints them.
type report struct {
	command string // that made it
	head    string
	rows    []row
	notes   []string
	leftOut []string // cases that were not chosen
	failed  string   // the case that ended the run
}

// row is a line of the table. Zero values stand for what the case does not have.
type row struct {
	name             string
	rate             float64
	unit             string // of the rate; requests if empty
	figure           string // instead of a rate
	p50, p99         time.Duration
	signet, postgres time.Duration // processor time a request
	goals            []goal
}

// goal is a target and what was measured for it.
type goal struct {
	target  string
	reached bool
	figure  string
}

// row shows the measurement under a name, against its goals.
func (m *measurement) row(name string, goals ...goal) row {
	return row{
		name: name, rate: m.rate(), p50: m.percentile(.5), p99: m.percentile(.99),
		signet: m.each(m.signet), postgres: m.each(m.postgres), goals: goals,
	}
}

func (m *measurement) each(total time.Duration) time.Duration {
	return total / time.Duration(m.operations)
}

// cpuGoal limits the processor time a request, of signet and PostgreSQL together.
func cpuGoal(m measurement, limit time.Duration) goal {
	used := m.each(m.signet + m.postgres)
	return goal{target: "CPU ≤ " + milliseconds(limit), reached: used <= limit, figure: milliseconds(used)}
}

// swiftGoals limits the 99th percentile; a limit of zero is none.
func swiftGoals(m measurement, limit time.Duration) []goal {
	if limit == 0 {
		return nil
	}
	p99 := m.percentile(.99)
	return []goal{{target: fmt.Sprintf("p99 < %d ms", limit.Milliseconds()), reached: p99 < limit, figure: milliseconds(p99)}}
}

func newReport(o options, m machine) *report {
	return &report{
		command: strings.Join(append([]string{"go run ./deploy/load"}, o.args...), " "),
		head: fmt.Sprintf("%s. %s. %d connections, %v a measurement, %s users.",
			m.date, m.text, o.connections, o.duration, thousands(o.users)),
	}
}

func (r *report) add(line row) { r.rows = append(r.rows, line) }

func (r *report) note(format string, args ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

// markdown is the whole report.
func (r *report) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Measurements\n\nMade by `%s`, see [doc.go](doc.go).\n\n%s\n\n", r.command, r.head)
	b.WriteString("| case | rate | p50 | p99 | CPU a request (signet + postgres) | target | reached |\n|---|--:|--:|--:|--:|---|---|\n")
	for i := range r.rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(r.rows[i].cells(), " | "))
	}
	b.WriteString("\nFor starts, p99 is the longest; for rebuilds p50 and p99 are the median and the longest run.\n")
	for _, note := range r.notes {
		fmt.Fprintf(&b, "\n%s\n", note)
	}
	if len(r.leftOut) > 0 {
		fmt.Fprintf(&b, "\n**Not measured**, because they were not chosen: %s.\n", strings.Join(r.leftOut, ", "))
	}
	if r.failed != "" {
		fmt.Fprintf(&b, "\n**Broken off** in case %s: it and what comes after it is missing.\n", r.failed)
	}
	return b.String()
}

func (r *row) cells() []string {
	rate := r.figure
	if r.rate > 0 {
		rate = perSecond(r.rate)
		if r.unit != "" {
			rate = strings.Replace(rate, "/s", " "+r.unit+"/s", 1)
		}
	}
	var targets, verdicts []string
	for _, g := range r.goals {
		verdict := "yes: "
		if !g.reached {
			verdict = "**missed**: "
		}
		targets, verdicts = append(targets, g.target), append(verdicts, verdict+g.figure)
	}
	return []string{
		r.name, or(rate), latency(r.p50), latency(r.p99), processor(r.signet, r.postgres),
		or(strings.Join(targets, "; ")), or(strings.Join(verdicts, "; ")),
	}
}

func or(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

func latency(d time.Duration) string {
	switch {
	case d <= 0:
		return "–"
	case d < time.Second:
		return milliseconds(d)
	}
	return seconds(d)
}

func processor(signet, postgres time.Duration) string {
	if signet+postgres <= 0 {
		return "–"
	}
	unit, name := time.Millisecond, "ms"
	if signet+postgres < 50*time.Microsecond {
		unit, name = time.Microsecond, "µs"
	}
	in := func(d time.Duration) string { return strconv.FormatFloat(float64(d)/float64(unit), 'f', 3, 64) }
	return fmt.Sprintf("%s %s (%s + %s)", in(signet+postgres), name, in(signet), in(postgres))
}

func milliseconds(d time.Duration) string {
	precision := 2
	if d < time.Millisecond {
		precision = 3
	}
	return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', precision, 64) + " ms"
}

func seconds(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', 2, 64) + " s"
}

func mebibytes(bytes int64) string { return strconv.FormatInt((bytes+1<<19)>>20, 10) + " MiB" }

func perSecond(rate float64) string {
	if rate < 10 {
		return strconv.FormatFloat(rate, 'f', 2, 64) + "/s"
	}
	return thousands(int(rate)) + "/s"
}

func rates(values []float64) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = perSecond(v)
	}
	return strings.Join(parts, ", ")
}

// thousands writes a number with commas.
func thousands(n int) string {
	digits := strconv.Itoa(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}
