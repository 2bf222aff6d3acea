package plan

import (
	"bytes"
	"testing"
)

// Terms without levels keep the bytes they had; what is said of levels is a section,
// and reads back as it was.
func TestC20_LevelsAreASectionOfAVersion(t *testing.T) {
	t.Parallel()
	v := Version{ID: "plv_1", Number: 1, Rules: []Rule{{ID: "r1", Level: LevelProgram, Kind: KindPercent}}}
	if b := v.Encode(); b[0] != layoutPlain {
		t.Errorf("layout %d", b[0])
	}
	v.Levels = []byte{1, 2, 3}
	read, err := DecodeVersion(v.Encode())
	if err != nil || !bytes.Equal(read.Levels, v.Levels) || v.Encode()[0] != layoutSections {
		t.Fatalf("%+v %v", read, err)
	}
}
