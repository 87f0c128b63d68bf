package commandtest

import (
	"context"
	"errors"
	"sync"
)

// Network is what a node can look at outside: nothing, until a test puts something there.
type Network struct {
	mu    sync.Mutex
	files map[string]string
	texts map[string][]string
	looks int
}

var errNotThere = errors.New("there is nothing")

func newNetwork() *Network {
	return &Network{files: make(map[string]string), texts: make(map[string][]string)}
}

// Put puts a file at a URL, and a TXT record under a name.
func (n *Network) Put(place, text string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.files[place] = text
	n.texts[place] = append(n.texts[place], text)
}

// Looks returns how often somebody looked.
func (n *Network) Looks() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.looks
}

// File returns what is at a URL.
func (n *Network) File(_ context.Context, url string) ([]byte, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.looks++
	if text, there := n.files[url]; there {
		return []byte(text), nil
	}
	return nil, errNotThere
}

// LookupTXT returns the TXT records of a name.
func (n *Network) LookupTXT(_ context.Context, name string) ([]string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.looks++
	if texts, there := n.texts[name]; there {
		return texts, nil
	}
	return nil, errNotThere
}
