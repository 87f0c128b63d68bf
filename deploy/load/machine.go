package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// machine is where and when this runs.
type machine struct{ date, text string }

// describeMachine reads what the kernel says of itself; what it does not say is left out.
func describeMachine() machine {
	parts := []string{fmt.Sprintf("%d processors", runtime.NumCPU())}
	if model := field("/proc/cpuinfo", "model name"); model != "" {
		parts[0] = fmt.Sprintf("%d × %s", runtime.NumCPU(), model)
	}
	if total := strings.Fields(field("/proc/meminfo", "MemTotal")); len(total) > 0 {
		kib, _ := strconv.ParseInt(total[0], 10, 64)
		parts = append(parts, fmt.Sprintf("%d GiB", (kib+1<<19)>>20))
	}
	if release, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		parts = append(parts, runtime.GOOS+" "+strings.TrimSpace(string(release)))
	}
	parts = append(parts, runtime.Version())
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		first, _, _ := strings.Cut(string(load), " ")
		parts = append(parts, "load before the run "+first)
	}
	return machine{date: time.Now().Format(time.DateOnly), text: strings.Join(parts, ", ")}
}

// field returns the first value of a name in a file of lines "name : value".
func field(path, name string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(line, ":")
		if strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
