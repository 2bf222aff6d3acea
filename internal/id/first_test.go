package id

import (
	"testing"
	"time"
)

func TestFirstLiesBetweenMilliseconds(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 10, 0, 0, int(5*time.Millisecond), time.UTC)
	first := First(Audit, at)
	if before := New(Audit, at.Add(-time.Millisecond)); before >= first {
		t.Errorf("%s is not below %s", before, first)
	}
	if within := New(Audit, at); within <= first {
		t.Errorf("%s is not above %s", within, first)
	}
	if got, want := First(Audit, time.Unix(-1, 0)), First(Audit, time.Unix(0, 0)); got != want {
		t.Errorf("before 1970: %s, want %s", got, want)
	}
}
