package vault

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const fileHeader = `# Master keys: each wraps data keys; the last one wraps new ones.
# Without this file nobody can read personal data in the database: back it up, apart from the database.
`

// LoadRing reads the key file. With create it makes one with a fresh key, mode 0600, when there is none; of several
// processes that do so at once, one makes the file and all read it. Without create a missing file is fs.ErrNotExist. A
// file that group or others may read is refused.
func LoadRing(path string, create bool) (*Ring, error) {
	ring, err := readRing(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return ring, err
	}
	if !create {
		return nil, fmt.Errorf("%w: %w", ErrKeyFile, err)
	}
	if err := createRing(path); err != nil {
		return nil, err
	}
	return readRing(path)
}

func readRing(path string) (*Ring, error) {
	text, err := readPrivate(path)
	if err != nil {
		return nil, err
	}
	ring, err := ParseRing(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	ring.path = path
	return ring, nil
}

// readPrivate reads a file that only its owner may read.
func readPrivate(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("master key file: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", fmt.Errorf("vault: master key file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%w: %s is not a regular file", ErrKeyFile, path)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return "", fmt.Errorf("%w: %s has mode %04o and is open to others: "+
			"chmod 600 it, and rotate the key if others may have read it",
			ErrKeyFile, path, mode)
	}
	text, err := io.ReadAll(io.LimitReader(file, maxRing+1))
	if err != nil {
		return "", fmt.Errorf("vault: read master key file: %w", err)
	}
	return string(text), nil
}

// createRing writes a new key file completely and then links it to its name, which fails when the name is taken: a
// crash leaves no half file, and a race no lost key.
func createRing(path string) error {
	line, err := newLine(rand.Reader)
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("vault: create master key file: %w", err)
	}
	defer os.Remove(temp.Name())
	if err := writeSynced(temp, fileHeader+line); err != nil {
		return err
	}
	if err := os.Link(temp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("vault: create master key file: %w", err)
	}
	return syncDirectory(filepath.Dir(path))
}

// Rotate adds a fresh master key to the file and returns the new ring. Older keys stay: data keys wrapped by them open
// as before until Vault.Rewrap has moved them.
func Rotate(path string) (*Ring, error) {
	return replaceRing(path, func(text string) (string, error) {
		line, err := newLine(rand.Reader)
		if err != nil {
			return "", err
		}
		if text != "" && !strings.HasSuffix(text, "\n") {
			text += "\n"
		}
		return text + line, nil
	})
}

// Prune removes the master keys whose ids are not among used, except the newest, and returns the ring that is left.
// Call it only after a complete RewrapDataKeys, with the ids MasterID found in it, and when no process runs that still
// wraps with an older key: a data key whose master key is gone is lost.
func Prune(path string, used []string) (*Ring, error) {
	return replaceRing(path, func(text string) (string, error) {
		ring, err := ParseRing(text)
		if err != nil {
			return "", err
		}
		keep := map[string]bool{ring.Newest(): true}
		for _, id := range used {
			keep[id] = true
		}
		var kept strings.Builder
		for line := range strings.Lines(text) {
			if keepLine(line, keep) {
				kept.WriteString(line)
			}
		}
		return kept.String(), nil
	})
}

func keepLine(line string, keep map[string]bool) bool {
	if trimmed := strings.TrimSpace(line); trimmed == "" || strings.HasPrefix(trimmed, "#") {
		return true
	}
	for entry := range strings.SplitSeq(line, ",") {
		if id, _, _ := strings.Cut(strings.TrimSpace(entry), ":"); keep[id] {
			return true
		}
	}
	return false
}

// replaceRing changes the key file as a whole. The file it prepares has a fixed name and is created exclusively: it
// locks out a second change until the rename, which publishes the new keys and takes the lock away in one step.
func replaceRing(path string, change func(text string) (string, error)) (*Ring, error) {
	next := path + ".next"
	file, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%w: %s exists: another change is under way, or one was interrupted; "+
			"if none runs, remove it", ErrKeyFile, next)
	}
	if err != nil {
		return nil, fmt.Errorf("vault: change master key file: %w", err)
	}
	if err := prepareRing(file, path, change); err != nil {
		file.Close()
		os.Remove(next)
		return nil, err
	}
	if err := os.Rename(next, path); err != nil {
		os.Remove(next)
		return nil, fmt.Errorf("vault: change master key file: %w", err)
	}
	if err := syncDirectory(filepath.Dir(path)); err != nil {
		return nil, err
	}
	return readRing(path)
}

func prepareRing(file *os.File, path string, change func(text string) (string, error)) error {
	text, err := readPrivate(path)
	if err != nil {
		return err
	}
	if _, err := ParseRing(text); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if text, err = change(text); err != nil {
		return err
	}
	if err := keepOwner(file, path); err != nil {
		return err
	}
	return writeSynced(file, text)
}

// keepOwner lets an administrator change the key file of a service that runs as somebody else.
func keepOwner(file *os.File, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("vault: master key file: %w", err)
	}
	owner, known := info.Sys().(*syscall.Stat_t)
	if !known || int(owner.Uid) == os.Geteuid() {
		return nil
	}
	if err := file.Chown(int(owner.Uid), int(owner.Gid)); err != nil {
		return fmt.Errorf("vault: keep the owner of the master key file: %w", err)
	}
	return nil
}

func writeSynced(file *os.File, text string) error {
	_, err := file.WriteString(text)
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("vault: write master key file: %w", err)
	}
	return nil
}

// syncDirectory makes a new name in a directory survive a crash of the machine.
func syncDirectory(path string) error {
	directory, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("vault: master key file: %w", err)
	}
	defer directory.Close()
	if err := directory.Sync(); err != nil {
		return fmt.Errorf("vault: sync directory of master key file: %w", err)
	}
	return nil
}
