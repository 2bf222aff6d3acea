package graph

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tributary/tributary/internal/money"
)

// stories is the table whose rows are told in steps. Elsewhere are the rules that no
// amount shows, each with the test that shows it.
type stories struct {
	How       []string
	Rows      []story
	Elsewhere []struct{ ID, Test, Why string }
}

// story is a row: terms, what happens under them one step after the other, and what
// is owed after each, by hand.
type story struct {
	Name          string
	Terms, Policy json.RawMessage
	Steps         []scene
}

// scene is a step. Do is a verb and its words; More is laid over what the API is sent.
type scene struct {
	Do, Ago, In string
	More        json.RawMessage
	Why         string

	Rated []rating // what an order or an edit earns; an empty list: nothing
	Then  []string // balances: "ann 6.00 0.00" is pending and payable, two more are reserved and paid, then the currency
	Says  []string // all commissions: order, affiliate, kind, status, amount and what is left

	Refunds    []string            // of the order: id, kind, reason, amount
	Explained  map[string][]string // of "o1 ann": each step and what it comes to
	Statements []string            // affiliate, first and last day, opening and closing balance
	Refused    string              // code and path of the error
}

// rating is what one affiliate earns by the plan, and what the evaluator must know
// for it: who shares, what was counted and used before, which payment it is.
type rating struct {
	Of, Pays       string
	Share          [2]int64
	Lines          []string // what an edit adds
	Terms          json.RawMessage
	Counted, Used  []string // before it, by rule and by cap
	Payment, Month int
	Buyer          string
	Upline, Levels []string
}

// UnmarshalJSON reads "ann 10.00" where nothing else needs to be known.
func (r *rating) UnmarshalJSON(b []byte) error {
	var short string
	if json.Unmarshal(b, &short) == nil {
		r.Of, r.Pays, _ = strings.Cut(short, " ")
		return nil
	}
	type plain rating
	return json.Unmarshal(b, (*plain)(r))
}

func readStories(t *testing.T) (all stories) {
	t.Helper()
	file, err := os.ReadFile("testdata/stories.golden.json")
	if err != nil {
		t.Fatal(err)
	}
	in := json.NewDecoder(strings.NewReader(string(file)))
	in.DisallowUnknownFields()
	if err := in.Decode(&all); err != nil || len(all.Rows) < 60 {
		t.Fatal(len(all.Rows), err)
	}
	return all
}

// Every step of a story owes what was worked out by hand, by the API, and by the
// evaluator wherever it is a rating.
func TestC01_GoldenStories(t *testing.T) {
	t.Parallel()
	for _, s := range readStories(t).Rows {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			n := narrate(t, s)
			for i, step := range s.Steps {
				if n.tell(step); t.Failed() {
					t.Fatalf("step %d: %s\n%s", i+1, step.Do, step.Why)
				}
			}
			n.closes()
		})
	}
}

// tell does a step and compares everything that it says of it.
func (n *narrator) tell(s scene) {
	n.Helper()
	verb, words, _ := strings.Cut(s.Do, " ")
	do, known := verbs[verb]
	if !known {
		n.Fatalf("there is no verb %q", verb)
	}
	n.refused = ""
	do(n, s, strings.Fields(words))
	if n.refused != s.Refused {
		n.Errorf("refused %q, want %q", n.refused, s.Refused)
	}
	n.earns(s, verb, strings.Fields(words))
	for _, want := range s.Then {
		if got := n.owed(want); got != want {
			n.Errorf("%s; want %s", got, want)
		}
	}
	if got := n.said(); s.Says != nil && !slices.Equal(got, s.Says) {
		n.Errorf("commissions\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(s.Says, "\n"))
	}
	n.reads(s)
	n.sumsToNothing()
}

// owed spells an affiliate's balance in the words of what was expected.
func (n *narrator) owed(like string) string {
	n.Helper()
	words := strings.Fields(like)
	figures, in := words[1:], "USD"
	if last := words[len(words)-1]; strings.ToUpper(last) == last && strings.ToLower(last) != last {
		figures, in = words[1:len(words)-1], last
	}
	var data struct{ Balances []map[string]any }
	n.ask(`query($in: ID) { balances(affiliateId: $in) { currency pending { amount } payable { amount } reserved { amount } paid { amount } } }`, n.id(words[0]), &data)
	nothing := money.Zero(money.Currency(in)).Decimal()
	told := []string{nothing, nothing, nothing, nothing}
	for _, b := range data.Balances {
		if b["currency"] == in {
			for i, of := range []string{"pending", "payable", "reserved", "paid"} {
				told[i] = at(b, of, "amount").(string)
			}
		}
	}
	all := append([]string{words[0]}, told[:len(figures)]...)
	if len(figures) < len(words)-1 {
		all = append(all, in)
	}
	return strings.Join(all, " ")
}

func (n *narrator) sumsToNothing() {
	n.Helper()
	sums, err := n.ledger.TrialBalance(n.ctx)
	n.must(err)
	for c, sum := range sums {
		if sum != 0 {
			n.Errorf("the book sums to %d %s", sum, c)
		}
	}
}

// closes checks the book, and that every commission explains itself.
func (n *narrator) closes() {
	n.Helper()
	if findings, err := n.ledger.Verify(n.ctx, nil); err != nil || len(findings) > 0 {
		n.Errorf("%v, %v", findings, err)
	}
	n.rowsAreTheBooks()
	for _, c := range n.commissions() {
		if c.Explanation != nil && c.Explanation.Amount.Amount != c.Amount.Amount {
			n.Errorf("%s is explained as %s", n.spell(c), c.Explanation.Amount.Amount)
		}
	}
}
