// Package csvfile is the rail of banks and paying agents that take a file: a CSV
// list with a column for each account detail, uploaded by a person, who says for
// each payout how it ended.
package csvfile

import (
	"io"
	"slices"

	"github.com/tributary/tributary/pay/rail"
)

// Rail is the CSV rail.
type Rail struct{}

// New gives the rail.
func New() Rail { return Rail{} }

// Name is CSV.
func (Rail) Name() string { return "CSV" }

// Account asks for an account and its holder: banks refuse a file without.
func (Rail) Account(details map[string]string) (string, error) {
	if details["holder"] == "" {
		return "", rail.Fault{Detail: "holder", Message: "give the name of the account's holder"}
	}
	return rail.Find(details)
}

// List writes one line for each payout.
func (Rail) List(w io.Writer, items []rail.Item) error {
	names := rail.Names(items)
	rows := [][]string{slices.Concat(rail.Columns, names)}
	for _, i := range items {
		cells := i.Cells()
		for _, name := range names {
			cells = append(cells, i.Details[name])
		}
		rows = append(rows, cells)
	}
	return rail.WriteCSV(w, rows)
}
