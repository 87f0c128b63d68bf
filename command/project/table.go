package project

import (
	"iter"
	"maps"
)

// parts is how many parts a table has: a change copies one of them.
const parts = 64

// table is a map that never changes: with and without return another one, which shares all parts but one. So thousands of grants
// are folded without copying all of them for each. The zero table is empty.
type table[V any] struct {
	parts *[parts]map[string]V
	size  int
}

func (t table[V]) get(key string) (value V, found bool) {
	if t.parts != nil {
		value, found = t.parts[part(key)][key]
	}
	return value, found
}

func (t table[V]) with(key string, value V) table[V] {
	return t.change(key, func(m map[string]V) { m[key] = value })
}

func (t table[V]) without(key string) table[V] {
	return t.change(key, func(m map[string]V) { delete(m, key) })
}

func (t table[V]) change(key string, by func(map[string]V)) table[V] {
	var changed [parts]map[string]V
	if t.parts != nil {
		changed = *t.parts
	}
	i := part(key)
	before := len(changed[i])
	copied := make(map[string]V, before+1)
	maps.Copy(copied, changed[i])
	by(copied)
	changed[i] = copied
	return table[V]{parts: &changed, size: t.size + len(copied) - before}
}

// all yields the entries, in no order.
func (t table[V]) all() iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		if t.parts == nil {
			return
		}
		for _, m := range t.parts {
			for key, value := range m {
				if !yield(key, value) {
					return
				}
			}
		}
	}
}

// part returns where a key is: by FNV-1a of its bytes, 32 bits.
func part(key string) int {
	hash := uint32(2166136261)
	for i := range len(key) {
		hash = (hash ^ uint32(key[i])) * 16777619
	}
	return int(hash % parts)
}
