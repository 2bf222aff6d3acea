package levels

import (
	"bytes"

	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// Trace is what is kept with a commission of a level: the terms, the sale as it was
// with its snapshot, and what became of every member, so that it can be computed
// again. It holds ids and integers only.
type Trace struct {
	Terms   Terms
	Sale    Sale
	Steps   []Step // without their parts by line
	Member  int    // whose commission it is: a place in the upline
	Earlier int64  // of the member's amount, what it had on this sale before
}

// Trace makes the trace of a member's commission out of a result: what the sale
// comes to for it, less what it had before.
func (r Result) Trace(t Terms, s Sale, member int, earlier int64) Trace {
	steps := make([]Step, len(r.Steps))
	for i, step := range r.Steps {
		step.Parts = nil
		steps[i] = step
	}
	return Trace{Terms: t, Sale: s, Steps: steps, Member: member, Earlier: earlier}
}

// Step gives what became of the member whose commission it is.
func (t Trace) Step() Step {
	for _, s := range t.Steps {
		if s.Member == t.Member {
			return s
		}
	}
	return Step{}
}

// Amount is what was posted.
func (t Trace) Amount() money.Money {
	return money.Of(t.Step().Amount-t.Earlier, t.Sale.Currency)
}

// Replay computes the sale again. INTERNAL when a single byte comes out otherwise:
// then the trace or the code is not what it was when the commission was posted.
func (t Trace) Replay() (Result, error) {
	again, err := t.Terms.Evaluate(t.Sale)
	if err != nil || !bytes.Equal(again.Trace(t.Terms, t.Sale, t.Member, t.Earlier).Encode(), t.Encode()) {
		return Result{}, problem.New(problem.Internal, "the recorded levels are not what their terms yield").Because(err)
	}
	return again, nil
}

// Encode gives the trace's canonical bytes.
func (t Trace) Encode() []byte {
	w := canon.NewWriter(layout)
	t.Terms.write(w)
	w.String(string(t.Sale.Currency))
	w.List(len(t.Sale.Lines))
	for _, l := range t.Sale.Lines {
		w.String(l.ID)
		w.Int(l.Base)
		w.Int(l.Commission)
	}
	writeUpline(w, t.Sale.Upline)
	w.List(len(t.Steps))
	for _, s := range t.Steps {
		w.Int(int64(s.Member))
		w.Int(int64(s.Level))
		w.String(string(s.Outcome))
		w.String(string(s.Why))
		w.String(string(s.Term.Mode))
		writeRate(w, s.Term.Rate)
		w.Int(s.Before)
		w.Int(s.Amount)
	}
	w.Int(int64(t.Member))
	w.Int(t.Earlier)
	return w.Sum()
}

// DecodeTrace reads what Trace.Encode wrote; anything else is INTERNAL.
func DecodeTrace(b []byte) (t Trace, err error) {
	err = decode(b, "trace", func(r *canon.Reader) { t.read(r) }, func() []byte { return t.Encode() })
	return t, err
}

func (t *Trace) read(r *canon.Reader) {
	t.Terms, t.Sale.Currency = readTerms(r), money.Currency(r.String())
	for range r.List() {
		t.Sale.Lines = append(t.Sale.Lines, Line{ID: r.String(), Base: r.Int(), Commission: r.Int()})
	}
	t.Sale.Upline = readUpline(r)
	for range r.List() {
		t.Steps = append(t.Steps, Step{
			Member: int(r.Int()), Level: int(r.Int()), Outcome: Outcome(r.String()), Why: Why(r.String()),
			Term: Term{Mode: Mode(r.String()), Rate: readRate(r)}, Before: r.Int(), Amount: r.Int(),
		})
	}
	t.Member, t.Earlier = int(r.Int()), r.Int()
}
