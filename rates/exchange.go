package rates

import (
	"math/big"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// Exchange gives m in the currency to, by what one unit of a base costs in each:
// m / from · target, computed exactly and rounded once, half away from zero, to
// to's minor unit. Errors: Invalid for a rate that is not above zero, AmountRange.
func Exchange(m money.Money, from, target money.Rate, to money.Currency) (money.Money, error) {
	if from.Num <= 0 || target.Num <= 0 {
		return money.Money{}, problem.New(problem.Invalid, "a rate must be above zero").Because(errRate)
	}
	// minor/10^e ÷ (num/10^s) × (num'/10^s') × 10^e'
	num := product(big.NewInt(m.Minor), big.NewInt(target.Num), power(int(from.Scale)), power(to.Exponent()))
	den := product(big.NewInt(from.Num), power(int(target.Scale)), power(m.Currency.Exponent()))
	minor := rounded(num, den)
	if !minor.IsInt64() || minor.Int64() == -1<<63 {
		return money.Money{}, problem.New(problem.AmountRange, "the amount is out of range in %s", to)
	}
	return money.Of(minor.Int64(), to), nil
}

// rounded gives num/den, half away from zero; den is above zero.
func rounded(num, den *big.Int) *big.Int {
	q, rest := new(big.Int).QuoRem(num, den, new(big.Int))
	if rest.Abs(rest).Lsh(rest, 1).Cmp(den) >= 0 {
		q.Add(q, big.NewInt(int64(num.Sign())))
	}
	return q
}

func product(factors ...*big.Int) *big.Int {
	p := big.NewInt(1)
	for _, f := range factors {
		p.Mul(p, f)
	}
	return p
}

func power(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }
