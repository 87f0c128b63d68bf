//go:build !linux

package password

// yield does nothing where a thread has no priority of its own.
func yield() {}
