package seal

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// A key is known at once and used from its instant on. With the instant left out
// of At the first row fails, and two servers would fail one another.
func TestR2_AKeyIsUsedFromItsInstant(t *testing.T) {
	t.Parallel()
	k := ringOf(t, "1:"+countingMaster+"\n2:"+otherMaster+"@2026-03-01T12:00:00Z")
	early, late := k.At(noon.Add(-time.Second)), k.At(noon)
	if early.KeyID() != 1 || late.KeyID() != 2 || k.KeyID() != 1 || late.At(noon.Add(time.Hour)) != late {
		t.Fatalf("keys %d, %d and %d", early.KeyID(), late.KeyID(), k.KeyID())
	}
	requireOpens(t, early, mustSeal(t, late, "late"), "late")
	requireOpens(t, late, mustSeal(t, early, "early"), "early")
	if len(early.PublicKeys("jwt")) != 2 {
		t.Error("the next key is not announced")
	}
	if mac, ok := early.MAC64By(2, "click", []byte("x")); !ok || mac != late.MAC64("click", []byte("x")) {
		t.Error("the next key does not verify before it is used")
	}
	list := late.List()
	if len(list) != 2 || !list[0].Hashes || list[0].InUse || !list[1].InUse || !list[1].From.Equal(noon) {
		t.Errorf("%+v", list)
	}
}

func TestRotateAnnouncesAKey(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	old, err := LoadOrCreate(path)
	if err != nil {
		t.Fatal(err)
	}
	next, err := Rotate(path, noon)
	if err != nil || next.KeyID() != 1 || next.At(noon).KeyID() != 2 {
		t.Fatalf("%v %v", next.List(), err)
	}
	text, _ := os.ReadFile(path)
	if !strings.HasSuffix(string(text), "@2026-03-01T12:00:00Z\n") {
		t.Errorf("the file ends with %q", text[len(text)-30:])
	}
	if !next.Covers(old) || old.Covers(next) {
		t.Error("which ring covers which")
	}
	for _, other := range []string{"1:" + countingMaster, "2:" + countingMaster + ",1:" + otherMaster} {
		if ringOf(t, other).Covers(old) {
			t.Errorf("%d foreign keys cover ours", len(other))
		}
	}
}

func TestExtendedKeysHoldTheOnesBefore(t *testing.T) {
	t.Parallel()
	for _, before := range []string{countingMaster, "1:" + countingMaster, "# old\n1:" + countingMaster + "\n7:" + otherMaster + "\n"} {
		text, err := Extended(before, noon)
		if err != nil || strings.ContainsAny(text, " \n") {
			t.Fatalf("%q %v", text, err)
		}
		next := ringOf(t, text)
		if old := ringOf(t, before); !next.Covers(old) || next.KeyID() != old.KeyID() || next.At(noon).KeyID() == old.KeyID() {
			t.Errorf("%s: %+v", before[:8], next.List())
		}
	}
	if _, err := FromHex("1:" + countingMaster + "@tomorrow"); err == nil {
		t.Error("an instant that is none was read")
	}
}
