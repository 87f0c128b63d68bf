package main

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/signet-iam/signet/projection"
)

// progressEvery is how often a line is printed where there is no terminal.
const progressEvery = time.Second

// progress shows how far a rebuild is.
type progress struct {
	out   io.Writer
	bar   *progressbar.ProgressBar // nil where there is no terminal
	phase projection.Phase
	last  time.Time
}

func newProgress(out io.Writer) *progress {
	p := &progress{out: out}
	if isTerminal(out) {
		p.bar = progressbar.NewOptions64(1, progressbar.OptionSetWriter(out), progressbar.OptionThrottle(50*time.Millisecond),
			progressbar.OptionFullWidth(), progressbar.OptionClearOnFinish())
	}
	return p
}

func (p *progress) show(now projection.Progress) {
	text := fmt.Sprintf("%s %s  %d/%d  %.0f events/s", now.Model, now.Phase, now.Position, now.Target, now.Rate())
	if left := now.Left(); left > 0 {
		text += "  " + left.Round(time.Second).String() + " left"
	}
	if p.bar != nil {
		p.bar.Describe(text)
		p.bar.ChangeMax64(max(int64(now.Target), 1))
		_ = p.bar.Set64(int64(now.Position))
		return
	}
	if now.Phase != p.phase || time.Since(p.last) >= progressEvery {
		p.phase, p.last = now.Phase, time.Now()
		_, _ = fmt.Fprintln(p.out, text)
	}
}

func (p *progress) finish() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
