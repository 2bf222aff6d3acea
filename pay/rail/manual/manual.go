// Package manual is the rail of people: nothing is sent, somebody transfers the
// money by hand and says so for each payout. Its list is for reading, with the
// account details in one cell.
package manual

import (
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/tributary/tributary/pay/rail"
)

// Rail is the manual rail.
type Rail struct{}

// New gives the rail.
func New() Rail { return Rail{} }

// Name is MANUAL.
func (Rail) Name() string { return "MANUAL" }

// Account takes any account a person can pay to.
func (Rail) Account(details map[string]string) (string, error) { return rail.Find(details) }

// List writes one line for each payout.
func (Rail) List(w io.Writer, items []rail.Item) error {
	rows := [][]string{append(slices.Clone(rail.Columns), "account", "details")}
	for _, i := range items {
		rows = append(rows, append(i.Cells(), i.Hint, written(i.Details)))
	}
	return rail.WriteCSV(w, rows)
}

// written spells details by name, in order.
func written(details map[string]string) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(details)) {
		parts = append(parts, name+": "+details[name])
	}
	return strings.Join(parts, "; ")
}
