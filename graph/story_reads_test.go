package graph

import (
	"slices"
	"strings"
)

// reads compares what a step says of refunds, explanations and statements.
func (n *narrator) reads(s scene) {
	n.Helper()
	if s.Refunds != nil {
		if got := n.refundsOf(strings.Fields(s.Do)[1]); !slices.Equal(got, s.Refunds) {
			n.Errorf("refunds %q, want %q", got, s.Refunds)
		}
	}
	for of, want := range s.Explained {
		order, who, _ := strings.Cut(of, " ")
		if got := n.stepsOf(n.of(order, "", who)[0]); !slices.Equal(got, want) {
			n.Errorf("%s is explained as %q, want %q", of, got, want)
		}
	}
	for _, want := range s.Statements {
		if got := n.statement(want); got != want {
			n.Errorf("statement %q, want %q", got, want)
		}
	}
}

func (n *narrator) refundsOf(order string) (told []string) {
	n.Helper()
	var data struct {
		Node struct {
			Refunds []struct {
				ExternalID, Kind string
				ReasonCode       *string
				Amount           struct{ Amount string }
			}
		}
	}
	n.ask(`query($in: ID!) { node(id: $in) { ... on Conversion { refunds { externalID kind reasonCode amount { amount } } } } }`, n.saleOf(order), &data)
	for _, r := range data.Node.Refunds {
		why := "-"
		if r.ReasonCode != nil {
			why = *r.ReasonCode
		}
		told = append(told, strings.Join([]string{r.ExternalID, r.Kind, why, r.Amount.Amount}, " "))
	}
	slices.Sort(told)
	return told
}

func (n *narrator) stepsOf(commissionID string) (told []string) {
	n.Helper()
	var data struct {
		Node struct {
			Explanation struct {
				Steps []struct {
					Name  string
					After struct{ Amount string }
				}
			}
		}
	}
	n.ask(`query($in: ID!) { node(id: $in) { ... on Commission { explanation { steps { name after { amount } } } } } }`, commissionID, &data)
	for _, step := range data.Node.Explanation.Steps {
		told = append(told, step.Name+" "+step.After.Amount)
	}
	return told
}

// statement tells an affiliate's account between two days of UTC.
func (n *narrator) statement(like string) string {
	n.Helper()
	words := strings.Fields(like)
	var data struct {
		Statement struct{ Opening, Closing struct{ Amount string } }
	}
	query := `query($in: ID) { statement(affiliateId: $in, currency: USD, from: "FROM", to: "TO") { opening { amount } closing { amount } } }`
	query = strings.NewReplacer("currency: USD", `currency: "USD"`, "FROM", words[1]+"T00:00:00Z", "TO", words[2]+"T00:00:00Z").Replace(query)
	n.ask(query, n.id(words[0]), &data)
	return strings.Join([]string{words[0], words[1], words[2], data.Statement.Opening.Amount, data.Statement.Closing.Amount}, " ")
}
