package apply

import (
	"fmt"
	"slices"
	"strings"
)

// Mistake is something in a file that cannot be meant.
type Mistake struct {
	At   Place
	Text string
}

// Mistakes are all that was found. While there are any, nothing is changed.
type Mistakes []Mistake

// Error lists the mistakes, one a line.
func (m Mistakes) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%d mistakes in the files, and nothing was changed:", len(m))
	if len(m) == 1 {
		text.Reset()
		text.WriteString("a mistake in the files, and nothing was changed:")
	}
	for _, mistake := range m {
		fmt.Fprintf(&text, "\n  %s: %s", mistake.At, mistake.Text)
	}
	return text.String()
}

func (m *Mistakes) add(at Place, format string, args ...any) {
	*m = append(*m, Mistake{At: at, Text: fmt.Sprintf(format, args...)})
}

// err returns the mistakes by place, nil if there are none.
func (m Mistakes) err() error {
	if len(m) == 0 {
		return nil
	}
	slices.SortStableFunc(m, func(a, b Mistake) int {
		if a.At.File != b.At.File {
			return strings.Compare(a.At.File, b.At.File)
		}
		return a.At.Line - b.At.Line
	})
	return m
}
