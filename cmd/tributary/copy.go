package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// copyFile copies a file's bytes as they are now and makes the copy durable.
func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// copyTree copies a folder's wanted files in the order of their names. A file
// that goes away meanwhile is left out; a folder that is not there is empty.
func copyTree(from, to string, p *progress, want func(path string) bool) error {
	var paths []string
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		inside, err := filepath.Rel(from, path)
		if err == nil && want(inside) {
			paths = append(paths, inside)
		}
		return err
	})
	if err != nil {
		return err
	}
	slices.SortFunc(paths, byNumber)
	for i, path := range paths {
		if err := copyFile(filepath.Join(from, path), filepath.Join(to, path)); !absent(err) {
			return err
		}
		p.tell("files of "+filepath.Base(from), int64(i), int64(len(paths)))
	}
	return nil
}

// byNumber puts 9.blk before 10.blk.
func byNumber(a, b string) int {
	if len(a) != len(b) && filepath.Dir(a) == filepath.Dir(b) && filepath.Ext(a) == ".blk" && filepath.Ext(b) == ".blk" {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

func everything(string) bool { return true }

// copyStream copies a JetStream folder that may be in use.
//
// Its blocks are written at their end and deleted whole once every message in
// them was consumed, so that a copy made block by block, the oldest first, holds
// every message that was there when it began and is not consumed yet. What the
// copy cannot hold consistently is left out, because the server makes it anew
// from the blocks: the index, and what the consumer has acknowledged, which only
// means that some clicks are delivered again.
func copyStream(from, to string, p *progress) error {
	return copyTree(from, to, p, func(path string) bool {
		parts := strings.Split(filepath.ToSlash(path), "/")
		name := parts[len(parts)-1]
		return !slices.Contains(parts, "obs") && name != "index.db" && name != "lock" && filepath.Ext(name) != ".tmp"
	})
}
