package config

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// YAML reads a configuration file for kong.
func YAML(r io.Reader) (kong.Resolver, error) {
	var tree map[string]any
	if err := yaml.NewDecoder(r).Decode(&tree); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("configuration file: %w", err)
	}
	values := make(map[string]any)
	flatten("", tree, values)
	return &file{values: values}, nil
}

type file struct {
	values map[string]any
}

// flatten joins nested keys by a hyphen, as the flags are named.
func flatten(prefix string, tree, into map[string]any) {
	for name, value := range tree {
		name = prefix + strings.ReplaceAll(name, "_", "-")
		if nested, ok := value.(map[string]any); ok {
			flatten(name+"-", nested, into)
			into[name] = nested // a flag may itself be a map
			continue
		}
		into[name] = value
	}
}

// Validate refuses keys that no flag of any command has.
func (f *file) Validate(app *kong.Application) error {
	known := make(map[string]bool)
	collect(app.Node, known)
	for _, name := range slices.Sorted(maps.Keys(f.values)) {
		_, nested := f.values[name].(map[string]any)
		if _, ok := known[name]; !ok && !nested && !belowMap(name, known) {
			return fmt.Errorf("configuration file: nothing is called %q", name)
		}
	}
	return nil
}

// collect notes every flag, and whether it is a map.
func collect(node *kong.Node, known map[string]bool) {
	for _, flag := range node.Flags {
		known[flag.Name] = flag.IsMap()
	}
	for _, child := range node.Children {
		collect(child, known)
	}
}

// belowMap reports whether a key is an entry of a flag that is a map.
func belowMap(name string, known map[string]bool) bool {
	for flag, isMap := range known {
		if isMap && strings.HasPrefix(name, flag+"-") {
			return true
		}
	}
	return false
}

// Resolve returns the value of a flag, nil when the file does not set it or a variable does: kong on its own would let the
// file win over the variable.
func (f *file) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	value, ok := f.values[flag.Name]
	if !ok || slices.ContainsFunc(flag.Envs, isSet) {
		return nil, nil
	}
	switch v := value.(type) {
	case []any:
		parts := make([]string, len(v))
		for i, part := range v {
			parts[i] = fmt.Sprint(part)
		}
		return strings.Join(parts, ","), nil
	case map[string]any:
		if !flag.IsMap() {
			return nil, nil
		}
		return v, nil
	default:
		return fmt.Sprint(v), nil
	}
}

func isSet(variable string) bool {
	_, ok := os.LookupEnv(variable)
	return ok
}
