package plan

import (
	"bytes"
	"cmp"
	"errors"
	"slices"

	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// Layout versions of the encodings.
const (
	versionLayout = 1
	inputLayout   = 1
	traceLayout   = 1
	sharedLayout  = 2 // of an input, and of its trace, where several share
)

var (
	errLayout    = errors.New("plan: unknown layout version")
	errCanonical = errors.New("plan: not in canonical form")
)

// Encode gives the version's canonical bytes, whatever the order of its rules.
func (v Version) Encode() []byte {
	w := canon.NewWriter(versionLayout)
	w.String(v.ID)
	w.Int(int64(v.Number))
	w.Int(int64(v.HoldDays))
	w.Bool(v.AutoApprove)
	v.RefundPolicy.write(w)
	rules := slices.Clone(v.Rules)
	slices.SortStableFunc(rules, func(a, b Rule) int { return cmp.Compare(a.ID, b.ID) })
	w.List(len(rules))
	for _, r := range rules {
		r.write(w)
	}
	return w.Sum()
}

// DecodeVersion reads what Version.Encode wrote; anything else is INTERNAL.
func DecodeVersion(b []byte) (Version, error) {
	var v Version
	err := decode(b, "version", versionLayout, func(r *canon.Reader) {
		v.ID = r.String()
		v.Number = int(r.Int())
		v.HoldDays = int(r.Int())
		v.AutoApprove = r.Bool()
		v.RefundPolicy = readRefundPolicy(r)
		for range r.List() {
			v.Rules = append(v.Rules, readRule(r))
		}
	})
	if err != nil {
		return Version{}, err
	}
	if !bytes.Equal(v.Encode(), b) {
		return Version{}, unreadable("version", errCanonical)
	}
	return v, nil
}

func (r Rule) write(w *canon.Writer) {
	w.String(r.ID)
	w.String(string(r.Level))
	w.String(r.TargetID)
	w.String(string(r.Kind))
	w.Int(r.Rate.Num)
	w.Uint(uint64(r.Rate.Scale))
	w.Int(r.Fixed.Minor)
	w.String(string(r.Fixed.Currency))
	w.Bool(r.PayOnZero)
	r.Refund.write(w)
}

func readRule(r *canon.Reader) Rule {
	return Rule{
		ID:        r.String(),
		Level:     Level(r.String()),
		TargetID:  r.String(),
		Kind:      Kind(r.String()),
		Rate:      money.Rate{Num: r.Int(), Scale: uint8(min(r.Uint(), 255))},
		Fixed:     money.Of(r.Int(), money.Currency(r.String())),
		PayOnZero: r.Bool(),
		Refund:    readRefundPolicy(r),
	}
}

func (p RefundPolicy) write(w *canon.Writer) {
	w.String(string(p.Mode))
	w.Int(p.AtPercent)
}

func readRefundPolicy(r *canon.Reader) RefundPolicy {
	return RefundPolicy{Mode: RefundMode(r.String()), AtPercent: r.Int()}
}

// Encode gives the input's canonical bytes, whatever the order of its lines. The
// amounts of lines are in the input's currency, as Evaluate demands.
func (in Input) Encode() []byte {
	if n, err := in.normal(); err == nil {
		in = n
	}
	w := canon.NewWriter(in.layout(inputLayout))
	in.write(w)
	return w.Sum()
}

// layout gives the layout of what holds the input: the one it has alone, or that
// of shared credit.
func (in Input) layout(alone byte) byte {
	if len(in.Sharing) > 0 {
		return sharedLayout
	}
	return alone
}

// DecodeInput reads what Input.Encode wrote; anything else is INTERNAL.
func DecodeInput(b []byte) (Input, error) {
	var in Input
	if err := decode(b, "input", sharedLayout, func(r *canon.Reader) { in = readInput(r) }); err != nil {
		return Input{}, err
	}
	if !bytes.Equal(in.Encode(), b) {
		return Input{}, unreadable("input", errCanonical)
	}
	return in, nil
}

func (in Input) write(w *canon.Writer) {
	w.String(in.AffiliateID)
	w.String(in.GroupID)
	w.String(string(in.Currency))
	w.Int(in.Share.Num)
	w.Int(in.Share.Den)
	w.List(len(in.Lines))
	for _, l := range in.Lines {
		w.String(l.ID)
		w.Int(l.Amount.Minor)
		w.Bool(l.GiftCard)
	}
	if len(in.Sharing) == 0 {
		return
	}
	w.List(len(in.Sharing))
	for _, p := range in.Sharing {
		w.String(p.AffiliateID)
		w.String(p.GroupID)
		w.Int(p.Num)
	}
}

func readInput(r *canon.Reader) Input {
	in := Input{
		AffiliateID: r.String(),
		GroupID:     r.String(),
		Currency:    money.Currency(r.String()),
		Share:       Share{Num: r.Int(), Den: r.Int()},
	}
	for range r.List() {
		in.Lines = append(in.Lines, LineIn{ID: r.String(), Amount: money.Of(r.Int(), in.Currency), GiftCard: r.Bool()})
	}
	if r.Version() != sharedLayout {
		return in
	}
	for range r.List() {
		in.Sharing = append(in.Sharing, Party{AffiliateID: r.String(), GroupID: r.String(), Num: r.Int()})
	}
	return in
}

// Encode gives the trace's canonical bytes. The commission of each line follows
// the input; ids, bases and the sum are in the input already and not repeated.
func (t Trace) Encode() []byte {
	w := canon.NewWriter(t.Input.layout(traceLayout))
	w.String(t.VersionID)
	w.Int(int64(t.Number))
	w.String(t.RuleID)
	w.String(string(t.Reason))
	t.Input.write(w)
	w.Int(t.Amount.Minor)
	w.List(len(t.Lines))
	for _, l := range t.Lines {
		w.Int(l.Commission)
	}
	return w.Sum()
}

// DecodeTrace reads what Trace.Encode wrote; anything else is INTERNAL.
func DecodeTrace(b []byte) (Trace, error) {
	var t Trace
	err := decode(b, "trace", sharedLayout, func(r *canon.Reader) {
		t.VersionID = r.String()
		t.Number = int(r.Int())
		t.RuleID = r.String()
		t.Reason = Reason(r.String())
		t.Input = readInput(r)
		t.Amount = money.Of(r.Int(), t.Input.Currency)
		amounts := make([]int64, r.List())
		for i := range amounts {
			amounts[i] = r.Int()
		}
		t.Lines = pair(t.Input, amounts)
	})
	if err == nil && !bytes.Equal(t.Encode(), b) {
		err = unreadable("trace", errCanonical)
	}
	if err != nil {
		return Trace{}, err
	}
	return t, nil
}

// decode reads any layout up to the newest.
func decode(b []byte, what string, newest byte, read func(*canon.Reader)) error {
	r, err := canon.NewReader(b)
	if err == nil && (r.Version() < 1 || r.Version() > newest) {
		err = errLayout
	}
	if err == nil {
		read(r)
		err = r.Done()
	}
	if err != nil {
		return unreadable(what, err)
	}
	return nil
}

func unreadable(what string, cause error) error {
	return problem.New(problem.Internal, "the stored plan %s cannot be read", what).Because(cause)
}
