package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of times in /proc. It is 10 ms on every architecture that Go supports.
const tick = 10 * time.Millisecond

// processTimes are from /proc/<pid>/stat.
type processTimes struct {
	parent int
	own    time.Duration // user and system
	reaped time.Duration // of children that have ended and were waited for
}

func readTimes(pid int) (processTimes, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return processTimes{}, err
	}
	return parseTimes(string(text))
}

// parseTimes reads the line of proc_pid_stat(5). The command's name may hold spaces and parentheses, so fields are counted
// from its end.
func parseTimes(line string) (processTimes, error) {
	_, rest, _ := cutLast(line, ")")
	fields := strings.Fields(rest)
	if len(fields) < 15 {
		return processTimes{}, errors.New("/proc/<pid>/stat has too few fields")
	}
	var numbers [5]int64 // parent, utime, stime, cutime, cstime
	for i, at := range [...]int{1, 11, 12, 13, 14} {
		n, err := strconv.ParseInt(fields[at], 10, 64)
		if err != nil {
			return processTimes{}, fmt.Errorf("/proc/<pid>/stat: %w", err)
		}
		numbers[i] = n
	}
	return processTimes{
		parent: int(numbers[0]),
		own:    time.Duration(numbers[1]+numbers[2]) * tick,
		reaped: time.Duration(numbers[3]+numbers[4]) * tick,
	}, nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return "", s, false
	}
	return s[:i], s[i+len(sep):], true
}

// processTime is what a process and its ended children have used.
func processTime(pid int) (time.Duration, error) {
	t, err := readTimes(pid)
	return t.own + t.reaped, err
}

// familyTime is what a process, its ended children and its living ones have used.
func familyTime(pid int) (time.Duration, error) {
	total, err := processTime(pid)
	if err != nil {
		return 0, err
	}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended since
		}
		t, err := parseTimes(string(text))
		if err != nil {
			return 0, err
		}
		if t.parent == pid {
			total += t.own + t.reaped
		}
	}
	return total, nil
}

// memory is what a process holds, in bytes: all its resident pages, and those with shared ones divided by who shares them.
type memory struct{ resident, proportional int64 }

func (m memory) max(other memory) memory {
	return memory{max(m.resident, other.resident), max(m.proportional, other.proportional)}
}

func readMemory(pid int) (memory, error) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return memory{}, err
	}
	defer f.Close()
	var m memory
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 2 {
			continue
		}
		kib, _ := strconv.ParseInt(fields[1], 10, 64)
		switch fields[0] {
		case "Rss:":
			m.resident = kib << 10
		case "Pss:":
			m.proportional = kib << 10
		}
	}
	if m.resident == 0 {
		return m, fmt.Errorf("process %d shows no memory", pid)
	}
	return m, nil
}

// watch samples a process's memory until it is ended.
type watch struct {
	stop   chan struct{}
	result chan watched
}

type watched struct {
	peak memory
	err  error
}

// samplePace is a compromise: each sample makes the kernel walk the process's pages.
const samplePace = 200 * time.Millisecond

func watchMemory(pid int) *watch {
	w := &watch{stop: make(chan struct{}), result: make(chan watched, 1)}
	go func() {
		pace := time.NewTicker(samplePace)
		defer pace.Stop()
		var seen watched
		for {
			m, err := readMemory(pid)
			if err != nil {
				seen.err = err
				break
			}
			seen.peak = seen.peak.max(m)
			select {
			case <-pace.C:
				continue
			case <-w.stop:
			}
			break
		}
		w.result <- seen
	}()
	return w
}

func (w *watch) end() (memory, error) {
	close(w.stop)
	seen := <-w.result
	return seen.peak, seen.err
}
