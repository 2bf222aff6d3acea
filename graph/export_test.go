package graph

import (
	"encoding/json"
	"testing"
)

// A row that was made after a file was asked for is not in it, wherever it stands in the
// list; that the list goes on is told all the same.
func TestH05_YoungerRowsAreNotInAFile(t *testing.T) {
	t.Parallel()
	var a answered
	err := json.Unmarshal([]byte(`{"edges":[
		{"node":{"n":1},"itself":{"id":"cnv_01m8000000aaaaaaaaaaaaaaaa"}},
		{"node":{"n":2},"itself":{"id":"cnv_01m8000009aaaaaaaaaaaaaaaa"}},
		{"node":{"n":3},"itself":{"id":"cnv_01m8000001aaaaaaaaaaaaaaaa"}}
	],"pageInfo":{"hasNextPage":true,"endCursor":"c"}}`), &a)
	if err != nil {
		t.Fatal(err)
	}
	p := a.page(false, "exp_01m8000005aaaaaaaaaaaaaaaa")
	if len(p.Rows) != 2 || string(p.Rows[0]) != `{"n":1}` || string(p.Rows[1]) != `{"n":3}` || p.Done || p.Next != "c" {
		t.Errorf("%s %v %q", p.Rows, p.Done, p.Next)
	}
}
