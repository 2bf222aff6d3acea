package seal

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

var here = AAD{Merchant: "mer_1", Table: "customer", Column: "email", Row: "cus_1"}

func TestR2_KeyFileIsCreatedPrivateAndReadBack(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data", "tributary.key")
	first, err := LoadOrCreate(path)
	if err != nil {
		t.Fatal(err)
	}
	requireMode(t, path, 0o600)
	requireMode(t, filepath.Dir(path), 0o700)
	again, err := LoadOrCreate(path)
	if err != nil {
		t.Fatal(err)
	}
	requireOpens(t, again, mustSeal(t, first, "secret"), "secret")
	requireAlone(t, path)
}

func requireMode(t *testing.T, path string, want fs.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != want {
		t.Fatalf("%s: mode %v, error %v; want %v", path, info.Mode().Perm(), err, want)
	}
}

// requireAlone: no temporary file with key material stays behind.
func requireAlone(t *testing.T, path string) {
	t.Helper()
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(files) != 1 || files[0].Name() != filepath.Base(path) {
		t.Fatalf("folder holds %v (%v)", files, err)
	}
}

func mustSeal(t *testing.T, k *Keyring, plain string) []byte {
	t.Helper()
	sealed, err := k.Seal([]byte(plain), here)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func requireOpens(t *testing.T, k *Keyring, sealed []byte, want string) {
	t.Helper()
	plain, err := k.Open(sealed, here)
	if err != nil || string(plain) != want {
		t.Fatalf("opened %q, %v; want %q", plain, err, want)
	}
}

func TestR2_KeyFileWithWiderRightsIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	if _, err := LoadOrCreate(path); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []fs.FileMode{0o604, 0o602, 0o601, 0o610, 0o620, 0o640, 0o644, 0o666, 0o777} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadOrCreate(path); !errors.Is(err, ErrPermissions) {
			t.Errorf("mode %v: error %v", mode, err)
		}
		if _, err := Rotate(path, time.Time{}); !errors.Is(err, ErrPermissions) {
			t.Errorf("rotate with mode %v: error %v", mode, err)
		}
	}
	for _, mode := range []fs.FileMode{0o600, 0o400} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadOrCreate(path); err != nil {
			t.Errorf("mode %v refused: %v", mode, err)
		}
	}
}

func TestBrokenKeyFileIsNotReplaced(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty":     "",
		"half":      "1:" + countingMaster[:20],
		"oversized": "1:" + countingMaster + "\n" + strings.Repeat("#", keyFileLimit),
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadOrCreate(path); !errors.Is(err, ErrKey) {
			t.Errorf("%s: error %v", name, err)
		}
		if kept, _ := os.ReadFile(path); string(kept) != text {
			t.Errorf("%s: the file was rewritten", name)
		}
	}
	if _, err := LoadOrCreate(t.TempDir()); !errors.Is(err, ErrKey) {
		t.Errorf("a folder as key file: error %v", err)
	}
}

func TestKeyFileCreatedByManyAtOnceIsOneKey(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	rings := make([]*Keyring, 16)
	var group sync.WaitGroup
	for i := range rings {
		group.Go(func() {
			var err error
			if rings[i], err = LoadOrCreate(path); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if t.Failed() {
		return
	}
	sealed := mustSeal(t, rings[0], "one")
	for _, ring := range rings {
		requireOpens(t, ring, sealed, "one")
	}
	requireAlone(t, path)
}

func TestR2_RotationKeepsEverythingReadable(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	// No newline at the end and no id: a file written by hand.
	if err := os.WriteFile(path, []byte(countingMaster), 0o600); err != nil {
		t.Fatal(err)
	}
	old, err := LoadOrCreate(path)
	if err != nil {
		t.Fatal(err)
	}
	before := mustSeal(t, old, "before")
	rotated, err := Rotate(path, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	requireMode(t, path, 0o600)
	requireAlone(t, path)
	if rotated.KeyID() != 2 {
		t.Fatalf("current key %d", rotated.KeyID())
	}
	requireOpens(t, rotated, before, "before")
	after := mustSeal(t, rotated, "after")
	requireOpens(t, rotated, after, "after")
	if _, err := old.Open(after, here); !errors.Is(err, ErrUnknownKey) {
		t.Fatalf("the old ring: %v", err)
	}
	if string(old.Hash("mer_1", "email", "x")) != string(rotated.Hash("mer_1", "email", "x")) {
		t.Fatal("a rotation hid the look-up hashes")
	}
}

func TestRotateAtOnceLosesNoKey(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	if _, err := LoadOrCreate(path); err != nil {
		t.Fatal(err)
	}
	var lock sync.Mutex
	var sealed [][]byte
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			ring, err := Rotate(path, time.Time{})
			if err != nil { // another one held the lock: refused, nothing changed
				return
			}
			value, err := ring.Seal([]byte("v"), here)
			lock.Lock()
			defer lock.Unlock()
			if err != nil {
				t.Error(err)
			}
			sealed = append(sealed, value)
		})
	}
	group.Wait()
	if len(sealed) == 0 {
		t.Fatal("no rotation succeeded")
	}
	last, err := LoadOrCreate(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range sealed {
		requireOpens(t, last, value, "v")
	}
}

func TestRotateStopsAtTheLastID(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte("255:"+countingMaster+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Rotate(path, time.Time{}); !errors.Is(err, ErrKey) {
		t.Fatalf("error %v", err)
	}
	if _, err := Rotate(filepath.Join(t.TempDir(), "none"), time.Time{}); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("rotating nothing: %v", err)
	}
}
