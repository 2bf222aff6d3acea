package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// manifestFile is the last file of a backup: without it the backup was cut off.
const manifestFile = "manifest.json"

// manifest says what a backup holds.
type manifest struct {
	Version string       `json:"version"` // of the program that made it
	At      time.Time    `json:"at"`
	Files   []backedFile `json:"files"`
}

type backedFile struct {
	Path   string `json:"path"` // with slashes, below the folder
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

func (m manifest) has(path string) bool {
	return slices.ContainsFunc(m.Files, func(f backedFile) bool { return f.Path == path })
}

func (m manifest) bytes() (sum int64) {
	for _, f := range m.Files {
		sum += f.Bytes
	}
	return sum
}

// writeManifest lists a finished backup.
func writeManifest(folder, version string, at time.Time) (m manifest, err error) {
	m = manifest{Version: version, At: at.UTC().Truncate(time.Second)}
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		inside, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		f, err := weigh(path)
		f.Path = filepath.ToSlash(inside)
		m.Files = append(m.Files, f)
		return err
	})
	if err != nil {
		return m, err
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return m, err
	}
	return m, writeDurably(filepath.Join(folder, manifestFile), append(text, '\n'))
}

func writeDurably(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}

func weigh(path string) (out backedFile, err error) {
	f, err := os.Open(path)
	if err != nil {
		return out, err
	}
	defer f.Close()
	sum := sha256.New()
	out.Bytes, err = io.Copy(sum, f)
	out.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return out, err
}

// readManifest reads a backup's list and compares each file with it.
func readManifest(folder string) (m manifest, err error) {
	text, err := os.ReadFile(filepath.Join(folder, manifestFile))
	if errors.Is(err, fs.ErrNotExist) {
		return m, fmt.Errorf("%s is no finished backup: it has no %s", folder, manifestFile)
	}
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("%s cannot be read: %w", manifestFile, err)
	}
	for _, want := range m.Files {
		if !filepath.IsLocal(filepath.FromSlash(want.Path)) {
			return m, fmt.Errorf("%s names %q, which is outside the backup", manifestFile, want.Path)
		}
		got, err := weigh(filepath.Join(folder, filepath.FromSlash(want.Path)))
		if err != nil {
			return m, err
		}
		if got.Bytes != want.Bytes || got.SHA256 != want.SHA256 {
			return m, fmt.Errorf("%s is not what was backed up", want.Path)
		}
	}
	return m, nil
}
