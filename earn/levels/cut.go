package levels

import (
	"errors"
	"fmt"
	"math/bits"

	"github.com/tributary/tributary/internal/money"
)

// ErrInput is for facts that cannot be: a negative amount, a currency that is not
// the sale's, an affiliate or a line named twice.
var ErrInput = errors.New("levels: impossible facts")

func (s Sale) check(t Terms) error {
	seen := map[string]bool{}
	for _, m := range s.Upline {
		if seen[m.AffiliateID] || m.AffiliateID == "" {
			return fmt.Errorf("%w: the upline names %q twice", ErrInput, m.AffiliateID)
		}
		seen[m.AffiliateID] = true
		if q := t.Qualification.Amount; q.Minor != 0 && m.Amount.Minor != 0 && q.Currency != m.Amount.Currency {
			return fmt.Errorf("%w: activity in %s", ErrInput, m.Amount.Currency)
		}
	}
	clear(seen)
	for _, l := range s.Lines {
		if seen[l.ID] || l.Base < 0 || l.Commission < 0 {
			return fmt.Errorf("%w: line %q", ErrInput, l.ID)
		}
		seen[l.ID] = true
	}
	return nil
}

// room is what the maximum leaves to the levels, -1 without a maximum. It is cut
// to the minor unit: rounding up would pay more than the maximum.
func (t Terms) room(s Sale) (int64, error) {
	bases, paid := make([]int64, len(s.Lines)), make([]int64, len(s.Lines))
	for i, l := range s.Lines {
		bases[i], paid[i] = l.Base, l.Commission
	}
	base, err := sum(bases)
	if err != nil {
		return 0, err
	}
	seller, err := sum(paid)
	if err != nil || t.MaxTotal.Num == 0 {
		return -1, err
	}
	den := uint64(100)
	for range t.MaxTotal.Scale {
		den *= 10
	}
	hi, lo := bits.Mul64(uint64(base), uint64(t.MaxTotal.Num))
	if hi >= den {
		return 0, money.ErrRange
	}
	most, _ := bits.Div64(hi, lo, den)
	return max(0, int64(min(most, uint64(base)))-seller), nil
}

// cut leaves that much of a step, divided over its lines.
func cut(step *Step, amount int64, lines []Line) (err error) {
	if amount == step.Amount {
		return nil
	}
	weights := make([]money.Part, len(lines))
	for i, l := range lines {
		weights[i] = money.Part{ID: l.ID, Weight: step.Parts[i]}
	}
	step.Amount = amount
	step.Parts, err = money.Split(amount, weights)
	return err
}

// alike cuts all levels in one ratio when together they are more than the room.
func alike(steps []Step, room int64, lines []Line) error {
	amounts, weights := make([]int64, len(steps)), make([]money.Part, len(steps))
	for i, s := range steps {
		amounts[i] = s.Amount
		weights[i] = money.Part{ID: fmt.Sprintf("%09d", i), Weight: s.Amount}
	}
	total, err := sum(amounts)
	if err != nil || room < 0 || total <= room {
		return err
	}
	left, err := money.Split(room, weights)
	for i := range steps {
		if err == nil && steps[i].earns() {
			err = cut(&steps[i], left[i], lines)
		}
	}
	return err
}
