package money_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"

	"github.com/tributary/tributary/internal/money"
)

// judgeSplit names the first broken promise of Split, or gives "".
func judgeSplit(total int64, p []money.Part, r *rand.Rand, seen map[string]int) string {
	shares, err := money.Split(total, p)
	if err != nil {
		return err.Error()
	}
	sum, whole := new(big.Int), new(big.Int)
	for i := range p {
		sum.Add(sum, big.NewInt(shares[i]))
		whole.Add(whole, big.NewInt(p[i].Weight))
	}
	if sum.Cmp(big.NewInt(total)) != 0 {
		return fmt.Sprintf("%v sums to %v", shares, sum)
	}
	if fault := judgeShares(total, whole, p, shares); fault != "" {
		return fault
	}
	if mirror, err := money.Split(-total, p); err != nil || !slices.EqualFunc(mirror, shares, func(a, b int64) bool { return a == -b }) {
		return fmt.Sprintf("%v is not mirrored by %v, %v", shares, mirror, err)
	}
	count(seen, total, whole, p)
	return judgeOrder(total, p, shares, r)
}

// judgeShares: every share is less than one unit from total·weight/whole, a
// part that was rounded away from zero never has a smaller remainder than one
// that was cut, and among equals the lower id was served.
func judgeShares(total int64, whole *big.Int, p []money.Part, shares []int64) string {
	type edge struct {
		rest *big.Int
		id   string
	}
	var raised, cut []edge
	for i := range p {
		exact := new(big.Int).Mul(big.NewInt(total), big.NewInt(p[i].Weight))
		floor, rest := new(big.Int).QuoRem(exact, whole, new(big.Int))
		off := new(big.Int).Sub(big.NewInt(shares[i]), floor)
		e := edge{rest.Abs(rest), p[i].ID}
		switch {
		case off.Sign() == 0:
			cut = append(cut, e)
		case off.IsInt64() && off.Int64() == int64(big.NewInt(total).Sign()) && rest.Sign() != 0:
			raised = append(raised, e)
		default:
			return fmt.Sprintf("share %d of %v is a unit or more off", i, shares)
		}
	}
	for _, up := range raised {
		for _, down := range cut {
			if c := up.rest.Cmp(down.rest); c < 0 || c == 0 && up.id > down.id {
				return fmt.Sprintf("%v: %s was served before %s", shares, up.id, down.id)
			}
		}
	}
	return ""
}

// judgeOrder: shuffled parts get the shares they had.
func judgeOrder(total int64, p []money.Part, shares []int64, r *rand.Rand) string {
	perm := r.Perm(len(p))
	shuffled := make([]money.Part, len(p))
	for i, from := range perm {
		shuffled[i] = p[from]
	}
	again, err := money.Split(total, shuffled)
	if err != nil {
		return err.Error()
	}
	for i, from := range perm {
		if again[i] != shares[from] {
			return fmt.Sprintf("the order %v changes %v to %v", perm, shares, again)
		}
	}
	return ""
}

// count notes the shapes of a case.
func count(seen map[string]int, total int64, whole *big.Int, p []money.Part) {
	rests, tie, fraction := map[string]bool{}, false, false
	for _, q := range p {
		rest := new(big.Int).Mul(big.NewInt(total), big.NewInt(q.Weight))
		text := rest.Abs(rest.Rem(rest, whole)).String()
		fraction = fraction || text != "0"
		tie = tie || text != "0" && rests[text]
		rests[text] = true
	}
	for shape, is := range map[string]bool{
		"negative": total < 0, "positive": total > 0, "zero": total == 0,
		"one part": len(p) == 1, "many parts": len(p) > 8,
		"leftover": fraction, "exact": !fraction, "tie": tie,
		"no weight": slices.ContainsFunc(p, func(q money.Part) bool { return q.Weight == 0 }),
		"wide":      whole.BitLen() > 60 && (total > 1<<60 || total < -1<<60),
	} {
		if is {
			seen[shape]++
		}
	}
}
