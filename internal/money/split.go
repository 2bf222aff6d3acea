package money

import (
	"cmp"
	"math/bits"
	"slices"
)

// Part is one claim on a total. ID decides ties and is unique in its split;
// Weight is not negative.
type Part struct {
	ID     string
	Weight int64
}

// Split shares total in proportion to the weights and gives the shares in the
// order of parts. Each exact share is cut towards zero; the units left over go
// one each to the largest remainders, ties by ascending ID. So the shares sum
// to total, each is less than one unit from its exact value, the order of parts
// does not matter, and Split(−total) is the mirror of Split(total).
//
// It returns ErrParts for a negative weight, a repeated ID, or a total with no
// weight to carry it, and ErrRange when the weights overflow. A total of zero
// over no weight is all zeros.
func Split(total int64, parts []Part) ([]int64, error) {
	sum, err := weigh(parts)
	if err != nil {
		return nil, err
	}
	if _, err := signed(magnitude(total), false); err != nil {
		return nil, err
	}
	shares := make([]int64, len(parts))
	if total == 0 {
		return shares, nil
	}
	if sum == 0 {
		return nil, ErrParts
	}
	share(magnitude(total), sum, parts, shares)
	if total < 0 {
		for i := range shares {
			shares[i] = -shares[i]
		}
	}
	return shares, nil
}

// weigh checks the parts and sums their weights.
func weigh(parts []Part) (sum uint64, err error) {
	seen := make(map[string]struct{}, len(parts))
	for _, p := range parts {
		if _, twice := seen[p.ID]; twice || p.Weight < 0 {
			return 0, ErrParts
		}
		seen[p.ID] = struct{}{}
		sum += uint64(p.Weight)
		if _, err := signed(sum, false); err != nil {
			return 0, err
		}
	}
	return sum, nil
}

// share fills shares with the largest-remainder split of total. Both total and
// sum are below 2^63 and no weight exceeds sum, so no quotient overflows.
func share(total, sum uint64, parts []Part, shares []int64) {
	rest := make([]uint64, len(parts))
	order := make([]int, len(parts))
	left := total
	for i, p := range parts {
		hi, lo := bits.Mul64(total, uint64(p.Weight))
		q, r := bits.Div64(hi, lo, sum)
		shares[i], rest[i], order[i] = int64(q), r, i
		left -= q
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(rest[b], rest[a]), cmp.Compare(parts[a].ID, parts[b].ID))
	})
	for _, i := range order[:left] {
		shares[i]++
	}
}
