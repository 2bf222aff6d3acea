package seal

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// ErrPermissions says that the key file can be read or written by others.
var ErrPermissions = errors.New("seal: key file is open to others")

const (
	keyFileLimit  = 64 << 10
	keyFileHeader = "# Tributary master keys, oldest first; the last one whose instant (@) has come is in use.\n" +
		"# Without this file sealed data cannot be read again: back it up apart from the database.\n"
)

// LoadOrCreate reads the key file at path. A missing file is created with one
// fresh key and mode 0600 (its folder with 0700). Two processes that start
// together end with the same file. A file with any right for group or others is
// refused with [ErrPermissions], a malformed one with [ErrKey].
func LoadOrCreate(path string) (*Keyring, error) {
	k, err := Load(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return k, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("seal: key folder: %w", err)
	}
	err = writeKeyFile(path, keyFileHeader+freshEntry(1, time.Time{}), createOnly)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return Load(path)
}

// Rotate appends a fresh key to the file at path, to be used from an instant on,
// and returns the new ring. Everything made under the older keys still opens and
// verifies. Processes that run on must load the file again before the instant:
// until they do they answer [ErrUnknownKey] to what others seal under the new
// key. The zero instant means at once, which only a process that is alone may ask.
func Rotate(path string, from time.Time) (*Keyring, error) {
	unlock, err := lockRotation(path)
	if err != nil {
		return nil, err
	}
	defer unlock()
	text, err := readKeyFile(path)
	if err != nil {
		return nil, err
	}
	k, err := FromHex(text)
	if err != nil {
		return nil, err
	}
	next, err := k.nextID()
	if err != nil {
		return nil, err
	}
	text = strings.TrimRight(text, "\n") + "\n" + freshEntry(next, from)
	if err := writeKeyFile(path, text, os.Rename); err != nil {
		return nil, err
	}
	return Load(path)
}

// lockRotation keeps two rotations apart: the slower one would overwrite the
// other's new key, and with it everything already sealed under that key.
func lockRotation(path string) (unlock func(), err error) {
	lock := path + ".rotating"
	file, err := os.OpenFile(lock, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("seal: another rotation is running (if none is, remove %s): %w", lock, err)
	}
	_ = file.Close() // nothing was written
	return func() { _ = os.Remove(lock) }, nil
}

func (k *Keyring) nextID() (int, error) {
	highest := slices.Max(slices.Collect(maps.Keys(k.keys)))
	if highest == 255 {
		return 0, fmt.Errorf("%w: key id 255 is taken", ErrKey)
	}
	return int(highest) + 1, nil
}

// Load reads the key file at path and makes none: a missing one is
// [fs.ErrNotExist], the others are refused as [LoadOrCreate] does.
func Load(path string) (*Keyring, error) {
	text, err := readKeyFile(path)
	if err != nil {
		return nil, err
	}
	k, err := FromHex(text)
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", path, err)
	}
	return k, nil
}

func readKeyFile(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("seal: key file: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", fmt.Errorf("seal: key file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%w: %s is not a regular file", ErrKey, path)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return "", fmt.Errorf("%w: %s has mode %04o; run: chmod 600 %s", ErrPermissions, path, mode, path)
	}
	text, err := io.ReadAll(io.LimitReader(file, keyFileLimit+1))
	if err != nil {
		return "", fmt.Errorf("seal: key file: %w", err)
	}
	if len(text) > keyFileLimit {
		return "", fmt.Errorf("%w: %s is larger than %d bytes", ErrKey, path, keyFileLimit)
	}
	return string(text), nil
}

func freshEntry(id int, from time.Time) string {
	var master [MasterSize]byte
	rand.Read(master[:]) // never fails: the runtime stops the process instead
	entry := fmt.Sprintf("%d:%s", id, hex.EncodeToString(master[:]))
	if !from.IsZero() {
		entry += "@" + from.UTC().Format(time.RFC3339)
	}
	return entry + "\n"
}

// Extended is keys given as text with a fresh one behind them, for places where
// they come from the environment. It is as secret as they are.
func Extended(text string, from time.Time) (string, error) {
	k, err := FromHex(text)
	if err != nil {
		return "", err
	}
	next, err := k.nextID()
	if err != nil {
		return "", err
	}
	all := append(entries(text), strings.TrimSpace(freshEntry(next, from)))
	if digits := all[0]; !strings.Contains(digits, ":") {
		all[0] = "1:" + digits
	}
	return strings.Join(all, ","), nil
}

// createOnly puts the finished file in place unless one is there: a hard link
// refuses to overwrite, a rename would silently destroy the other process's key.
func createOnly(from, to string) error {
	defer os.Remove(from)
	return os.Link(from, to)
}

// writeKeyFile writes text beside path, makes it durable, then puts it in
// place, so that no reader and no crash ever sees half a key.
func writeKeyFile(path, text string, put func(from, to string) error) error {
	temp, err := os.CreateTemp(filepath.Dir(path), ".key-*") // mode 0600
	if err != nil {
		return fmt.Errorf("seal: key file: %w", err)
	}
	_, err = temp.WriteString(text)
	err = errors.Join(err, temp.Sync(), temp.Close())
	if err == nil {
		err = put(temp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("seal: key file: %w", errors.Join(err, os.Remove(temp.Name())))
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes the new directory entry durable; without it a power cut may
// forget the key file while rows sealed under it survive.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("seal: key folder: %w", err)
	}
	defer folder.Close()
	if err := folder.Sync(); err != nil {
		return fmt.Errorf("seal: key folder: %w", err)
	}
	return nil
}
