package plan

import (
	"testing"

	"github.com/tributary/tributary/internal/canon"
)

type said struct{ A, B int64 }

var saidSections = []section[said]{
	{"a", func(s *said) bool { return s.A != 0 }, func(s *said, w *canon.Writer) { w.Int(s.A) }, func(s *said, r *canon.Reader) { s.A = r.Int() }},
	{"b", func(s *said) bool { return s.B != 0 }, func(s *said, w *canon.Writer) { w.Int(s.B) }, func(s *said, r *canon.Reader) { s.B = r.Int() }},
}

// What terms learn to say stands in sections of their own: what does not say it has
// the bytes it had.
func TestN11_SectionsHoldWhatIsSaidAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, want := range []said{{}, {A: 1}, {B: 2}, {1, 2}} {
		w := canon.NewWriter(layoutSections)
		writeSections(w, saidSections, &want)
		r, err := canon.NewReader(w.Sum())
		if err != nil {
			t.Fatal(err)
		}
		var got said
		if readSections(r, saidSections, &got); r.Done() != nil || got != want {
			t.Fatalf("%+v for %+v: %v", got, want, r.Done())
		}
	}
	older := canon.NewWriter(layoutFull)
	writeSections(older, saidSections, &said{1, 2})
	if len(older.Sum()) != 1 {
		t.Fatalf("%x in a layout without sections", older.Sum())
	}
}

// Bytes with a section that this build does not know are refused whole.
func TestN11_UnknownSectionsAreRefused(t *testing.T) {
	t.Parallel()
	for name, body := range map[string][]byte{"c": {layoutSections}, "a": {layoutSections}, "b": nil} {
		w := canon.NewWriter(layoutSections)
		w.List(1)
		w.String(name)
		w.Bytes(body)
		r, err := canon.NewReader(w.Sum())
		if err != nil {
			t.Fatal(err)
		}
		var got said
		if readSections(r, saidSections, &got); r.Done() == nil {
			t.Fatalf("section %q %x is read as %+v", name, body, got)
		}
	}
}
