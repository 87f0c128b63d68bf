package apply

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Limits of files.
const (
	maxFile   = 4 << 20 // bytes
	maxThings = 100_000
)

// Environment looks a variable up, as os.LookupEnv does.
type Environment func(name string) (value string, found bool)

// Read returns what the files of a directory want: all that end in .yaml or .yml, in the order of their names; not those of
// directories below, and not those that begin with a dot. The path may also be that of one file. What is wrong in the files themselves
// comes as [Mistakes], all of them at once.
func Read(path string, env Environment) (State, error) {
	names, err := files(path)
	if err != nil {
		return nil, err
	}
	r := &reader{env: env, things: make(State)}
	for _, name := range names {
		text, err := load(name)
		if err != nil {
			return nil, err
		}
		r.file = filepath.Base(name)
		r.documents(text)
	}
	r.conflicts()
	if err := r.mistakes.err(); err != nil {
		return nil, err
	}
	return r.things, nil
}

// files returns the paths of the files to read.
func files(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	entries, err := os.ReadDir(path) // by name
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		name := filepath.Join(path, entry.Name())
		if extension := filepath.Ext(name); strings.HasPrefix(entry.Name(), ".") || extension != ".yaml" && extension != ".yml" {
			continue
		}
		if info, err := os.Stat(name); err != nil {
			return nil, err
		} else if !info.IsDir() {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: no files that end in .yaml or .yml", path)
	}
	return names, nil
}

func load(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("%s: longer than %d bytes", name, maxFile)
	}
	return text, nil
}

// reader turns documents into things and collects mistakes.
type reader struct {
	env      Environment
	file     string
	things   State
	mistakes Mistakes
}

// documents reads all documents of a file. What does not parse ends the file.
func (r *reader) documents(text []byte) {
	for decoder := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var document yaml.Node
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			line := lineOf(err)
			text := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "yaml: "), fmt.Sprintf("line %d: ", line))
			r.mistakes.add(Place{File: r.file, Line: line}, "%s", text)
			return
		}
		if len(document.Content) == 1 && document.Content[0].Tag != "!!null" {
			r.document(document.Content[0])
		}
	}
}

// lineOf finds the line in what the parser says; 1 if it says none.
func lineOf(err error) int {
	line := 1
	_, _ = fmt.Sscanf(err.Error(), "yaml: line %d:", &line)
	return line
}

// document reads one document by its kind.
func (r *reader) document(n *yaml.Node) {
	m := r.mapping(n)
	if m == nil {
		return
	}
	kinds := map[string]func(*mapping){
		"Organization": r.organization, "Project": r.project, "Policy": r.policy, "IdentityProvider": r.provider, "MachineUser": r.machine,
	}
	kind, ok := m.text("kind")
	if !ok {
		m.missing("kind")
		return
	}
	read := kinds[kind]
	if read == nil {
		m.wrong("kind", "one of %s is expected", strings.Join(slices.Sorted(maps.Keys(kinds)), ", "))
		return
	}
	read(m)
	m.end()
}

// add notes what a file wants. A thing can be said once only.
func (r *reader) add(key Key, t *Thing) {
	if !key.complete() {
		return // there is a mistake already
	}
	if earlier, ok := r.things[key]; ok {
		r.mistakes.add(t.At, "%s is at %s already", key, earlier.At)
		return
	}
	if len(r.things) == maxThings {
		r.mistakes.add(t.At, "the files name more than %d things", maxThings)
	}
	if len(r.things) < maxThings {
		r.things[key] = t
	}
}

// conflicts finds things that stand on what the files remove.
func (r *reader) conflicts() {
	for key, t := range r.things {
		for _, need := range t.Needs {
			if needed := r.things[need]; !t.Absent && needed != nil && needed.Absent {
				r.mistakes.add(t.At, "%s needs %s, which is to be absent by %s", key, need, needed.At)
			}
		}
	}
}
