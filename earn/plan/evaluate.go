package plan

import (
	"math/bits"

	"github.com/tributary/tributary/internal/money"
)

// Reason says why credit earned nothing.
type Reason string

// The reasons; a result with an amount has none. A rule of 0 % or of a fixed
// zero pays nothing for no reason but itself.
const (
	ReasonNone             Reason = ""
	ReasonNoRule           Reason = "NO_RULE"           // no rule is for anything in the order
	ReasonCurrencyMismatch Reason = "CURRENCY_MISMATCH" // the rules that are have amounts in another currency
	ReasonZeroBase         Reason = "ZERO_BASE"         // nothing was sold that earns
	ReasonOverCap          Reason = "OVER_CAP"          // the most that is paid in a period has been paid
)

// LineOut is the commission on one line, in minor units of the order's currency.
// A fixed amount on an order without lines stands on one LineOut without ID.
type LineOut struct {
	ID         string
	Base       int64 // what it was commissioned on
	Sold       int64 // what refunds of the line are measured by
	Commission int64
	Parts      []PartOut // by rule, ascending; they sum to Commission
}

// PartOut is what one rule pays on a line.
type PartOut struct {
	RuleID string
	Amount int64
}

// Result is what credit earns.
type Result struct {
	Amount money.Money // in the order's currency
	Lines  []LineOut   // by ascending id; their commissions sum to Amount
	Rule   Rule        // the first that paid; the zero Rule for ReasonNoRule
	Reason Reason
	Trace  Trace
}

// Evaluate computes the commission for credit. By MostSpecific only the rules of
// the most specific level that has any for a line are considered: when none of
// them fits the order's currency, nothing is paid on it and no weaker rule steps
// in. Of credit that is shared each affiliate gets its part (see Input.Sharing):
// evaluated for one after the other, the parts leave no minor unit over. Errors are
// INVALID, TOO_LARGE, CURRENCY_MISMATCH and AMOUNT_RANGE, and concern the input or a
// version that Validate refuses.
func Evaluate(v Version, in Input) (Result, error) { return v.Ready().Evaluate(in) }

// Evaluate computes as the function of that name does.
func (t *Terms) Evaluate(in Input) (Result, error) {
	r, _, err := t.earn(in, false)
	return r, err
}

// earn evaluates an input; telling, it gives the steps of an explanation too. Where
// credit is shared they lead to what the affiliate would earn alone and from there
// to its part. Nobody else is named: affiliates read this.
func (t *Terms) earn(in Input, telling bool) (r Result, steps []Step, err error) {
	if in, err = in.normal(); err != nil {
		return Result{}, nil, err
	}
	t.keep(&in)
	own := in
	if len(in.Sharing) > 0 {
		own = in.alone(Party{AffiliateID: in.AffiliateID, GroupID: in.GroupID})
	}
	e, r, err := t.alone(own, telling)
	if err != nil {
		return Result{}, nil, err
	}
	steps = append(in.Kept.steps(telling, in.base()), e.steps(r)...)
	if len(in.Sharing) > 0 {
		whole := r.Amount
		if r, err = t.portion(in, r); err != nil {
			return Result{}, nil, err
		}
		steps = append(steps, in.shareStep(whole, r)...)
	}
	r, more, err := t.capped(r, &in, CapAffiliate)
	return r, append(append(steps, more...), e.totalStep(r)), err
}

// alone evaluates a normal input as if its affiliate had all of the credit that
// its share says; telling, it keeps what an explanation tells.
func (t *Terms) alone(in Input, telling bool) (e *evaluation, r Result, err error) {
	e = t.begin(in)
	e.telling = telling
	if err := e.pay(); err != nil {
		return nil, Result{}, err
	}
	if r, err = e.conclude(); err != nil {
		return nil, Result{}, err
	}
	e.reason = r.Reason
	r, e.caps, err = t.capped(r, &in, CapProgram)
	return e, r, err
}

func (t *Terms) begin(in Input) *evaluation {
	e := &evaluation{terms: t, in: in, lines: in.Lines, mismatch: none}
	if len(e.lines) == 0 {
		e.lines = []LineIn{{Amount: money.Zero(in.Currency)}}
	}
	e.places, e.numbers = make([]int, 0, 2*len(e.lines)), make([]int64, 2*len(e.lines))
	e.findLive()
	return e
}

// findLive finds the rules that may be for the order, and of these those that may
// be for each line.
func (e *evaluation) findLive() {
	t := e.terms
	room := make(places, t.index.words*(3+len(e.lines)))
	set := func() (s places) { s, room = room[:t.index.words], room[t.index.words:]; return s }
	e.live, e.always, e.owners = set(), set(), set()
	for at, r := range t.order {
		if !t.version.Rules[r].meant(&e.in) {
			continue
		}
		may, always := t.tests[r].before(&e.in)
		if may {
			e.live.add(at)
		}
		if may && always {
			e.always.add(at)
		}
	}
	e.mayBe = make([]places, len(e.lines))
	for i := range e.lines {
		e.mayBe[i] = set()
		t.index.of(&e.lines[i], e.mayBe[i])
	}
}

// none is the place of no rule.
const none = -1

// evaluation is one evaluation under way.
type evaluation struct {
	terms    *Terms
	in       Input
	lines    []LineIn // of the input, or the one line of an order without any
	live     places   // rules that may be for the order
	always   places   // those of them that are for all of its lines
	mayBe    []places // rules that may be for a line, by what it is
	owners   places   // rules that a line goes to
	done     []worked // what was computed, in that order
	mismatch int      // the first rule that was for a line but for its currency
	telling  bool     // keep what is only told, not paid
	reason   Reason   // why nothing is paid, whatever caps say
	caps     []Step   // what caps on all affiliates did
	numbers  []int64  // room for amounts
	places   []int    // room for places
}

// worked is what a rule computes on its lines: the rate, then its part of the
// fixed amount, then the bounds.
type worked struct {
	rule  int
	terms *Rule   // as the tier has them that was reached
	lines []int   // places
	rate  []int64 // rounded, by place in lines; nil without a rate
	fixed []int64 // nil without a fixed amount
	pays  []int64 // in the end; on a line that a better rule pays on, nothing
	told  int     // how many of the lines are concluded
}

// pay finds the rules of every line and computes what they pay.
func (e *evaluation) pay() error {
	switch e.terms.version.Precedence {
	case Best, Sum:
		for at := e.live.first(e.live, 0); at != none; at = e.live.first(e.live, at+1) {
			if err := e.work(e.terms.order[at], e.linesOf(at)); err != nil {
				return err
			}
		}
	default:
		owner := make([]int, len(e.lines))
		for i := range e.lines {
			if owner[i] = e.first(i); owner[i] != none {
				e.owners.add(owner[i])
			}
		}
		for at := e.owners.first(e.live, 0); at != none; at = e.owners.first(e.live, at+1) {
			if err := e.work(e.terms.order[at], e.owned(owner, at)); err != nil {
				return err
			}
		}
	}
	if e.terms.version.Precedence == Best {
		e.keepBest()
	}
	return nil
}

// first gives the place of the rule that a line goes to.
func (e *evaluation) first(line int) int {
	var level Level
	may := e.mayBe[line]
	for at := e.live.first(may, 0); at != none; at = e.live.first(may, at+1) {
		rule := &e.terms.version.Rules[e.terms.order[at]]
		if level != "" && rule.Level != level {
			break
		}
		if !e.isFor(at, line) {
			continue
		}
		if rule.fits(e.in.Currency) {
			return at
		}
		e.missed(e.terms.order[at])
		if e.terms.specific() {
			level = rule.Level
		}
	}
	return none
}

func (e *evaluation) isFor(at, line int) bool {
	return e.always.has(at) || e.mayBe[line].has(at) && e.terms.tests[e.terms.order[at]].onLine(&e.in, &e.lines[line])
}

func (e *evaluation) missed(r int) {
	if e.mismatch == none {
		e.mismatch = r
	}
}

// linesOf gives the lines that the rule at a place is for.
func (e *evaluation) linesOf(at int) []int {
	from, r := len(e.places), e.terms.order[at]
	fits := e.terms.version.Rules[r].fits(e.in.Currency)
	for i := range e.lines {
		if !e.isFor(at, i) {
			continue
		}
		if !fits {
			e.missed(r)
			return nil
		}
		e.places = append(e.places, i)
	}
	return e.places[from:len(e.places):len(e.places)]
}

// owned gives the lines that go to the rule at a place.
func (e *evaluation) owned(owner []int, at int) []int {
	from := len(e.places)
	for i, o := range owner {
		if o == at {
			e.places = append(e.places, i)
		}
	}
	return e.places[from:len(e.places):len(e.places)]
}

// keepBest leaves on every line only the rule that pays most there.
func (e *evaluation) keepBest() {
	best := make([]*int64, len(e.lines))
	for _, w := range e.done {
		for k := range w.pays {
			i := w.lines[k]
			switch now := &w.pays[k]; {
			case best[i] == nil:
				best[i] = now
			case *now > *best[i]:
				*best[i], best[i] = 0, now
			default:
				*now = 0
			}
		}
	}
}

// conclude adds up.
func (e *evaluation) conclude() (Result, error) {
	rule, reason := e.verdict()
	lines := make([]LineOut, 0, len(e.lines))
	parts := make([]PartOut, 0, len(e.lines))
	sum := money.Zero(e.in.Currency)
	for i := range e.lines {
		if len(e.in.Lines) == 0 && reason != ReasonNone {
			break
		}
		l := LineOut{ID: e.lines[i].ID, Base: e.lines[i].base(), Sold: e.lines[i].sold()}
		from := len(parts)
		parts = e.partsOf(i, parts)
		l.Parts = parts[from:len(parts):len(parts)]
		for _, p := range l.Parts {
			l.Commission += p.Amount
			if l.Commission < 0 || sum.Minor+p.Amount < 0 {
				return Result{}, tooLarge(nil)
			}
			sum.Minor += p.Amount
		}
		lines = append(lines, l)
	}
	return Result{
		Amount: sum, Lines: lines, Rule: rule, Reason: reason,
		Trace: Trace{
			VersionID: e.terms.version.ID, Number: e.terms.version.Number, RuleID: rule.ID, Reason: reason,
			Input: e.in, Amount: sum, Lines: lines,
		},
	}, nil
}

// partsOf appends what rules pay on a line; lines are asked for in order. Of a rule
// that pays nothing there is no part.
func (e *evaluation) partsOf(line int, parts []PartOut) []PartOut {
	from := len(parts)
	for j := range e.done {
		w := &e.done[j]
		if w.pays == nil || w.told == len(w.lines) || w.lines[w.told] != line {
			continue
		}
		if amount := w.pays[w.told]; amount > 0 {
			parts = append(parts, PartOut{RuleID: e.terms.version.Rules[w.rule].ID, Amount: amount})
		}
		w.told++
	}
	sortParts(parts[from:])
	return parts
}

// verdict gives the first rule that pays, or that was for the order and did not,
// and why nothing is paid.
func (e *evaluation) verdict() (Rule, Reason) {
	rules := e.terms.version.Rules
	for _, w := range e.done {
		if w.paid() {
			return rules[w.rule], ReasonNone
		}
	}
	for _, w := range e.done {
		if w.pays != nil {
			return rules[w.rule], ReasonNone
		}
	}
	switch {
	case len(e.done) > 0:
		return rules[e.done[0].rule], ReasonZeroBase
	case e.mismatch != none:
		return rules[e.mismatch], ReasonCurrencyMismatch
	}
	return Rule{}, ReasonNoRule
}

func (w worked) paid() bool {
	for _, p := range w.pays {
		if p > 0 {
			return true
		}
	}
	return false
}

// hundredths gives 100 × 10^scale, the denominator of a percentage; 0 when the
// scale is beyond any rate.
func hundredths(r money.Rate) int64 {
	if r.Scale > money.RateScale {
		return 0
	}
	return 100 * pow10(int(r.Scale))
}

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

// product gives a·b of two numbers that are not negative, −1 when it overflows.
func product(a, b int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	if hi != 0 || lo > 1<<63-1 {
		return -1
	}
	return int64(lo)
}
