package mail

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// Folder writes letters into files instead of sending them, for development.
// The folder and the files are the owner's alone: they hold codes.
type Folder struct {
	Path string
	From string
}

// Send writes ID.eml; the same letter again writes the same file.
func (f Folder) Send(_ context.Context, m Message) error {
	text, err := m.Bytes(f.From)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if err := os.MkdirAll(f.Path, 0o700); err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	// Renamed, so that whoever waits for the file never reads half of it.
	half := filepath.Join(f.Path, "."+m.ID+".half")
	if err := os.WriteFile(half, text, 0o600); err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	if err := os.Rename(half, filepath.Join(f.Path, m.ID+".eml")); err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	return nil
}
