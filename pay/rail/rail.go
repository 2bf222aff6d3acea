// Package rail is the seam between payouts and the ways to send money.
//
// It means: a [Rail] is one way; an [Item] is one payout as a rail sees it, with
// the account details opened. It owns the spelling of a payout list as CSV, and
// refuses cells that a spreadsheet would run as a formula. It keeps nothing.
package rail

import (
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/tributary/tributary/internal/money"
)

// Rail is a way to send money.
type Rail interface {
	// Name is how batches and payout methods name it, such as MANUAL.
	Name() string
	// Account gives the detail that names the account, to be recognised by its
	// end. The error is a [Fault] and says why the details will not do.
	Account(details map[string]string) (string, error)
	// List writes what a person or a bank needs to carry the payouts out.
	List(w io.Writer, items []Item) error
}

// Item is one payout.
type Item struct {
	PayoutID, AffiliateID string
	Name                  string // of the affiliate
	Amount                money.Money
	Hint                  string            // end of the account
	Details               map[string]string // account details by name; nil when none were given
}

// Fault says what is wrong with one account detail.
type Fault struct{ Detail, Message string }

// Error is the message, after the detail's name.
func (f Fault) Error() string { return f.Detail + ": " + f.Message }

// accountNames are the details that may name an account, the best first.
var accountNames = []string{"iban", "account_number", "account", "email", "phone"}

// Find gives the detail that names the account; a Fault when none does.
func Find(details map[string]string) (string, error) {
	for _, name := range accountNames {
		if v := strings.TrimSpace(details[name]); v != "" {
			return v, nil
		}
	}
	return "", Fault{accountNames[0], "give one of " + strings.Join(accountNames, ", ")}
}

// Names gives the details' names of all items, sorted.
func Names(items []Item) []string {
	seen := map[string]bool{}
	for _, i := range items {
		for name := range i.Details {
			seen[name] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// Columns every list begins with.
var Columns = []string{"payout_id", "affiliate_id", "name", "amount", "currency"}

// Cells are an item's cells under Columns.
func (i Item) Cells() []string {
	return []string{i.PayoutID, i.AffiliateID, i.Name, i.Amount.Decimal(), string(i.Amount.Currency)}
}

// WriteCSV writes a table, each cell neutral. Lines end with CR LF, as RFC 4180
// says.
func WriteCSV(w io.Writer, rows [][]string) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	for n, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = Neutral(cell)
		}
		if err := out.Write(cells); err != nil {
			return fmt.Errorf("line %d: %w", n+1, err)
		}
	}
	out.Flush()
	return out.Error()
}

// Neutral puts an apostrophe before a cell that a spreadsheet would take for a
// formula: names and account details are other people's input.
func Neutral(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
