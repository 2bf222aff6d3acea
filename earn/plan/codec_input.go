package plan

import (
	"bytes"
	"slices"

	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/money"
)

// Encode gives the input's canonical bytes, whatever the order of its lines. The
// amounts of lines are in the input's currency, as Evaluate demands.
func (in Input) Encode() []byte {
	if n, err := in.normal(); err == nil {
		in = n
	}
	layout := in.layout()
	w := canon.NewWriter(layout)
	in.write(w, layout)
	return w.Sum()
}

func (in Input) layout() byte {
	switch {
	case saysAny(inputSections, &in) || slices.ContainsFunc(in.Lines, func(l LineIn) bool { return saysAny(lineSections, &l) }):
		return layoutSections
	case in.plain():
		return layoutPlain
	}
	return layoutFull
}

// DecodeInput reads what Input.Encode wrote; anything else is INTERNAL.
func DecodeInput(b []byte) (Input, error) {
	var in Input
	if err := decode(b, "input", func(r *canon.Reader) { in = readInput(r) }); err != nil {
		return Input{}, err
	}
	if !bytes.Equal(in.Encode(), b) {
		return Input{}, unreadable("input", errCanonical)
	}
	return in, nil
}

func (in Input) write(w *canon.Writer, layout byte) {
	w.String(in.AffiliateID)
	w.String(in.GroupID)
	w.String(string(in.Currency))
	w.Int(in.Share.Num)
	w.Int(in.Share.Den)
	if layout >= layoutFull {
		in.writeFacts(w)
	}
	w.List(len(in.Lines))
	for _, l := range in.Lines {
		w.String(l.ID)
		w.Int(l.Amount.Minor)
		w.Bool(l.GiftCard)
		if layout >= layoutFull {
			w.String(l.ProductID)
			w.String(l.SKU)
			w.Int(l.Tax)
			w.Int(l.Shipping)
			w.Int(l.Discount)
		}
		writeSections(w, lineSections, &l)
	}
	writeSections(w, inputSections, &in)
}

func readInput(r *canon.Reader) Input {
	full := r.Version() >= layoutFull
	in := Input{
		AffiliateID: r.String(),
		GroupID:     r.String(),
		Currency:    money.Currency(r.String()),
		Share:       Share{Num: r.Int(), Den: r.Int()},
	}
	if full {
		in.readFacts(r)
	}
	for range r.List() {
		l := LineIn{ID: r.String(), Amount: money.Of(r.Int(), in.Currency), GiftCard: r.Bool()}
		if full {
			l.ProductID, l.SKU, l.Tax, l.Shipping, l.Discount = r.String(), r.String(), r.Int(), r.Int(), r.Int()
		}
		readSections(r, lineSections, &l)
		in.Lines = append(in.Lines, l)
	}
	readSections(r, inputSections, &in)
	return in
}

func (in Input) writeFacts(w *canon.Writer) {
	w.String(in.Kind)
	w.String(string(in.Buyer))
	writeTexts(w, in.Coupons)
	w.List(len(in.SubIDs))
	for _, s := range in.SubIDs {
		w.String(s.Name)
		w.String(s.Value)
	}
	w.Int(in.Order)
	w.Time(in.At)
	w.Int(int64(in.LocalMinute))
	w.Int(int64(in.Payment))
	w.Int(int64(in.Month))
	w.List(len(in.Paid))
	for _, p := range in.Paid {
		w.String(p.RuleID)
		w.String(p.LineID)
		w.Int(p.Minor)
		w.String(p.AffiliateID)
	}
	w.List(len(in.Counters))
	for _, c := range in.Counters {
		w.String(c.RuleID)
		w.String(c.AffiliateID)
		w.Int(c.Before)
	}
	w.List(len(in.Used))
	for _, u := range in.Used {
		w.Int(int64(u.Cap))
		w.Int(u.Minor)
	}
	w.List(len(in.Sharing))
	for _, p := range in.Sharing {
		w.String(p.AffiliateID)
		w.String(p.GroupID)
		w.Int(p.Num)
	}
}

func (in *Input) readFacts(r *canon.Reader) {
	in.Kind, in.Buyer, in.Coupons = r.String(), Buyer(r.String()), readTexts[string](r)
	for range r.List() {
		in.SubIDs = append(in.SubIDs, Label{Name: r.String(), Value: r.String()})
	}
	in.Order, in.At, in.LocalMinute = r.Int(), r.Time(), int(r.Int())
	in.Payment, in.Month = int(r.Int()), int(r.Int())
	for range r.List() {
		in.Paid = append(in.Paid, Paid{RuleID: r.String(), LineID: r.String(), Minor: r.Int(), AffiliateID: r.String()})
	}
	for range r.List() {
		in.Counters = append(in.Counters, Counter{RuleID: r.String(), AffiliateID: r.String(), Before: r.Int()})
	}
	for range r.List() {
		in.Used = append(in.Used, Used{Cap: int(r.Int()), Minor: r.Int()})
	}
	for range r.List() {
		in.Sharing = append(in.Sharing, Party{AffiliateID: r.String(), GroupID: r.String(), Num: r.Int()})
	}
}

// Encode gives the trace's canonical bytes. The commission of each line follows
// the input, by rule where several pay; ids, bases and the sum are in the input
// already and not repeated.
func (t Trace) Encode() []byte {
	layout := t.layout()
	w := canon.NewWriter(layout)
	w.String(t.VersionID)
	w.Int(int64(t.Number))
	w.String(t.RuleID)
	w.String(string(t.Reason))
	t.Input.write(w, layout)
	w.Int(t.Amount.Minor)
	w.List(len(t.Lines))
	for _, l := range t.Lines {
		w.Int(l.Commission)
		if layout >= layoutFull {
			w.List(len(l.Parts))
			for _, p := range l.Parts {
				w.String(p.RuleID)
				w.Int(p.Amount)
			}
		}
	}
	return w.Sum()
}

func (t Trace) layout() byte {
	input := t.Input.layout()
	other := func(p PartOut) bool { return p.RuleID != t.RuleID }
	if slices.ContainsFunc(t.Lines, func(l LineOut) bool { return slices.ContainsFunc(l.Parts, other) }) {
		return max(input, layoutFull)
	}
	return input
}

// DecodeTrace reads what Trace.Encode wrote; anything else is INTERNAL.
func DecodeTrace(b []byte) (Trace, error) {
	var t Trace
	err := decode(b, "trace", func(r *canon.Reader) {
		t.VersionID = r.String()
		t.Number = int(r.Int())
		t.RuleID = r.String()
		t.Reason = Reason(r.String())
		t.Input = readInput(r)
		t.Amount = money.Of(r.Int(), t.Input.Currency)
		t.Lines = make([]LineOut, r.List())
		for i := range t.Lines {
			t.readLine(r, i)
		}
	})
	if err == nil && !bytes.Equal(t.Encode(), b) {
		err = unreadable("trace", errCanonical)
	}
	if err != nil {
		return Trace{}, err
	}
	return t, nil
}

// readLine joins a commission with the line it is on.
func (t *Trace) readLine(r *canon.Reader, i int) {
	l := &t.Lines[i]
	if i < len(t.Input.Lines) {
		in := &t.Input.Lines[i]
		l.ID, l.Base, l.Sold = in.ID, in.base(), in.sold()
	}
	l.Commission = r.Int()
	if r.Version() >= layoutFull {
		for range r.List() {
			l.Parts = append(l.Parts, PartOut{RuleID: r.String(), Amount: r.Int()})
		}
	} else if l.Commission > 0 {
		l.Parts = []PartOut{{RuleID: t.RuleID, Amount: l.Commission}}
	}
}
