package plan_test

import (
	"bytes"
	"maps"
	"math/big"
	"slices"
	"testing"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/draws"
	"github.com/tributary/tributary/internal/money"
	"pgregory.net/rapid"
)

// drawVersion gives a version that Validate accepts. Lists begin with the usual
// case, because the generator prefers the front.
func drawVersion(t *rapid.T) plan.Version {
	v := plan.Version{ID: "plv_x", Number: 1, RefundPolicy: drawPolicy(t)}
	targets := map[plan.Level]string{plan.LevelProgram: "", plan.LevelGroup: "grp_1", plan.LevelAffiliate: "aff_1"}
	for _, level := range []plan.Level{plan.LevelProgram, plan.LevelGroup, plan.LevelAffiliate} {
		switch id := "rule_" + string(level); rapid.SampledFrom([]string{"percent", "fixed", "none", "two"}).Draw(t, "rule") {
		case "percent":
			v.Rules = append(v.Rules, plan.Rule{ID: id, Level: level, TargetID: targets[level], Kind: plan.KindPercent,
				Rate: rapid.SampledFrom([]money.Rate{rate("10"), rate("7.5"), rate("33.333333"), rate("0"), rate("100")}).Draw(t, "rate")})
		case "two":
			v.Rules = append(v.Rules, drawFixed(t, id+"2", level, targets[level], "JPY"))
			fallthrough
		case "fixed":
			v.Rules = append(v.Rules, drawFixed(t, id, level, targets[level], "USD"))
		}
	}
	return v
}

func drawFixed(t *rapid.T, id string, level plan.Level, target string, c money.Currency) plan.Rule {
	r := fixed(id, level, target, rapid.Int64Range(0, 5000).Draw(t, "fixed"), c)
	r.PayOnZero = rapid.Bool().Draw(t, "onZero")
	r.Refund = drawPolicy(t)
	return r
}

func drawPolicy(t *rapid.T) plan.RefundPolicy {
	p := plan.RefundPolicy{Mode: rapid.SampledFrom([]plan.RefundMode{
		plan.RefundProportional, plan.RefundAllOrNothing, plan.RefundKeep, "",
	}).Draw(t, "mode")}
	if p.Mode == plan.RefundAllOrNothing {
		p.AtPercent = rapid.Int64Range(1, 100).Draw(t, "at")
	}
	return p
}

func drawInput(t *rapid.T) plan.Input {
	c := rapid.SampledFrom([]money.Currency{"USD", "JPY", "KWD", "CLF"}).Draw(t, "currency")
	in := plan.Input{AffiliateID: "aff_1", GroupID: rapid.SampledFrom([]string{"grp_1", ""}).Draw(t, "group"), Currency: c}
	free := rapid.SampledFrom([]bool{false, false, false, true}).Draw(t, "free")
	for i := range rapid.SampledFrom([]int{2, 3, 1, 6, 0}).Draw(t, "lines") {
		l := plan.LineIn{ID: "lin_" + string(rune('a'+i)), Amount: money.Zero(c)}
		if !free {
			l.Amount.Minor = rapid.SampledFrom([]int64{1, 5, 999, 1999, 12_345, 0, 1e15}).Draw(t, "amount")
			l.GiftCard = rapid.SampledFrom([]bool{false, false, false, true}).Draw(t, "gift")
		}
		in.Lines = append(in.Lines, l)
	}
	in.Share = rapid.SampledFrom([]plan.Share{{}, {1, 1}, {1, 3}, {2, 7}}).Draw(t, "share")
	return in
}

// covered fails unless every wanted thing was generated at least once.
func covered(t *testing.T, seen map[string]int, want ...string) {
	t.Helper()
	for _, k := range slices.Sorted(maps.Keys(seen)) {
		t.Logf("%-28s %d", k, seen[k])
	}
	for _, k := range want {
		if seen[k] == 0 {
			t.Errorf("%s never occurred", k)
		}
	}
}

func TestN11_EvaluateProperties(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	draws.Explore(t, seen, func(t *rapid.T) {
		for range 10 {
			v, in := drawVersion(t), drawInput(t)
			if faults := v.Validate(); len(faults) > 0 {
				t.Fatal(faults)
			}
			r, err := plan.Evaluate(v, in)
			if err != nil {
				t.Fatal(err)
			}
			seen["reason "+string(r.Reason)]++
			seen["currency "+string(in.Currency)]++
			seen["rule "+string(r.Rule.Level)+" "+string(r.Rule.Kind)]++
			sumsUp(t, r)
			percentIsExact(t, r, in)
			sameBytesInAnyOrder(t, v, in, r)
			explains(t, v, r)
		}
	}, "reason ", "reason NO_RULE", "reason CURRENCY_MISMATCH", "reason ZERO_BASE",
		"currency USD", "currency JPY", "currency KWD", "currency CLF",
		"rule PROGRAM PERCENT", "rule PROGRAM FIXED", "rule GROUP PERCENT", "rule GROUP FIXED",
		"rule AFFILIATE PERCENT", "rule AFFILIATE FIXED")
}

func sumsUp(t *rapid.T, r plan.Result) {
	var sum int64
	for _, l := range r.Lines {
		if l.Commission < 0 {
			t.Fatalf("negative line in %+v", r)
		}
		sum += l.Commission
	}
	if sum != r.Amount.Minor || r.Reason != plan.ReasonNone && sum != 0 {
		t.Fatalf("lines sum to %d in %+v", sum, r)
	}
}

// percentIsExact computes each line again in rationals: commission is the nearest
// whole number, the upper of two.
func percentIsExact(t *rapid.T, r plan.Result, in plan.Input) {
	if r.Rule.Kind != plan.KindPercent {
		return
	}
	factor := new(big.Rat).SetFrac64(r.Rule.Rate.Num, 100)
	for range r.Rule.Rate.Scale {
		factor.Quo(factor, big.NewRat(10, 1))
	}
	if in.Share.Den > 0 {
		factor.Mul(factor, big.NewRat(in.Share.Num, in.Share.Den))
	}
	for _, l := range r.Lines {
		if want := halfUp(new(big.Rat).Mul(factor, big.NewRat(l.Base, 1))); l.Commission != want {
			t.Fatalf("%d × %s = %d, want %d", l.Base, factor, l.Commission, want)
		}
	}
}

// halfUp rounds what is not negative.
func halfUp(x *big.Rat) int64 {
	x.Add(x, big.NewRat(1, 2))
	return new(big.Int).Quo(x.Num(), x.Denom()).Int64()
}

func sameBytesInAnyOrder(t *rapid.T, v plan.Version, in plan.Input, r plan.Result) {
	in.Lines = rapid.Permutation(in.Lines).Draw(t, "order of lines")
	v.Rules = rapid.Permutation(v.Rules).Draw(t, "order of rules")
	again, err := plan.Evaluate(v, in)
	if err != nil || !bytes.Equal(again.Trace.Encode(), r.Trace.Encode()) {
		t.Fatalf("another order gave %+v, %v", again, err)
	}
}

// explains checks that stored bytes alone reproduce the posted amount.
func explains(t *rapid.T, v plan.Version, r plan.Result) {
	trace, err := plan.DecodeTrace(r.Trace.Encode())
	if err != nil {
		t.Fatal(err)
	}
	stored, err := plan.DecodeVersion(v.Encode())
	if err != nil {
		t.Fatal(err)
	}
	e, err := plan.Explain(trace, stored)
	if err != nil || e.Amount != r.Amount || e.Steps[len(e.Steps)-1].After != r.Amount.Minor {
		t.Fatalf("explained %+v, %v; posted %s", e, err, r.Amount)
	}
}

// However the base of an order is given back, in whatever steps and order, with
// messages repeated and withdrawn, what has been reversed depends only on how much
// is back, and all of it back leaves zero.
func TestQ03_AnyOrderOfRefundsEndsInTheSameState(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	draws.Explore(t, seen, func(t *rapid.T) {
		for range 5 {
			v, in := drawVersion(t), drawInput(t)
			r, err := plan.Evaluate(v, in)
			if err != nil {
				t.Fatal(err)
			}
			book := &book{t: t, v: v, trace: r.Trace, back: map[string]int64{}}
			for range rapid.IntRange(1, 6).Draw(t, "steps") {
				seen[book.step(r.Lines)]++
			}
			for _, l := range r.Lines {
				book.back[l.ID] = l.Base
			}
			book.post(plan.Refunded{Lines: book.back, Whole: true})
			seen[string(modeOf(v, r.Rule))]++
			if want := map[bool]int64{true: 0, false: r.Amount.Minor}[modeOf(v, r.Rule) == plan.RefundKeep]; book.reversed != want {
				t.Fatalf("reversed %d of %s after everything was given back", book.reversed, r.Amount)
			}
		}
	}, "refund", "repeat", "withdraw", "PROPORTIONAL", "ALL_OR_NOTHING", "KEEP")
}

// book posts reversals one after another, as the ledger would.
type book struct {
	t        *rapid.T
	v        plan.Version
	trace    plan.Trace
	back     map[string]int64
	reversed int64
}

func (b *book) step(lines []plan.LineOut) string {
	kind := rapid.SampledFrom([]string{"refund", "repeat", "withdraw"}).Draw(b.t, "step")
	for _, l := range lines {
		switch {
		case kind == "refund":
			b.back[l.ID] += rapid.Int64Range(0, l.Base-b.back[l.ID]).Draw(b.t, "more")
		case kind == "withdraw":
			b.back[l.ID] = rapid.Int64Range(0, b.back[l.ID]).Draw(b.t, "left")
		}
	}
	b.post(plan.Refunded{Lines: b.back})
	fresh, err := b.trace.Due(b.v, plan.Refunded{Lines: b.back}, 0)
	if err != nil || fresh != b.reversed {
		b.t.Fatalf("step by step %d, at once %d (%v)", b.reversed, fresh, err)
	}
	return kind
}

func (b *book) post(r plan.Refunded) {
	due, err := b.trace.Due(b.v, r, b.reversed)
	if err != nil {
		b.t.Fatal(err)
	}
	b.reversed += due
	if b.reversed < 0 || b.reversed > b.trace.Amount.Minor {
		b.t.Fatalf("reversed %d of %s", b.reversed, b.trace.Amount)
	}
}

// modeOf restates which policy applies.
func modeOf(v plan.Version, r plan.Rule) plan.RefundMode {
	switch {
	case r.Kind == plan.KindPercent:
		return plan.RefundProportional
	case r.Refund.Mode != "":
		return r.Refund.Mode
	}
	return v.RefundPolicy.Mode
}
