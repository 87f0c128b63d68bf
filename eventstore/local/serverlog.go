package local

import (
	"fmt"
	"io"
	"os"
	"strings"
)

const (
	serverLogLimit = 8 << 20 // bytes, half of what the log and its predecessor take together
	reasonLimit    = 64 << 10
)

// serverLog is the file that takes the server's words. The server writes it directly, so that it neither waits for this
// process nor loses what it says while this process dies; for the same reason the file cannot be replaced under it, and
// is emptied instead once its contents have been copied away.
type serverLog struct {
	path string
	file *os.File
}

func openServerLog(path string) (*serverLog, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open server log: %w", err)
	}
	return &serverLog{path: path, file: f}, nil
}

func (l *serverLog) close() { l.file.Close() }

// bound moves the contents away once they exceed limit. What the server says in the meantime may be lost.
func (l *serverLog) bound(limit int64) error {
	size, err := l.size()
	if err != nil || size <= limit {
		return err
	}
	old, err := os.OpenFile(l.path+".1", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(old, io.NewSectionReader(l.file, max(0, size-limit), limit))
	if closeErr := old.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return l.file.Truncate(0)
}

func (l *serverLog) size() (int64, error) {
	info, err := l.file.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// reasonSince returns the line written since an offset that best says why the server ended.
func (l *serverLog) reasonSince(offset int64) string {
	text, err := io.ReadAll(io.NewSectionReader(l.file, offset, reasonLimit))
	if err != nil {
		return err.Error()
	}
	return reasonIn(string(text))
}

// reasonIn returns the first line of output that names a fatal error, otherwise the last line.
func reasonIn(output string) string {
	last := "it gave no reason"
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		for _, mark := range []string{"FATAL:", "PANIC:", "error:"} {
			if _, reason, ok := strings.Cut(line, mark); ok {
				return strings.TrimSpace(reason)
			}
		}
		if line != "" {
			last = line
		}
	}
	return last
}
