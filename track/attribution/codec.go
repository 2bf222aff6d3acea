package attribution

import (
	"errors"
	"time"

	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/problem"
)

// Layout versions of the three encodings.
const (
	policyLayout   = 1 // of a policy of its four first fields alone
	modelLayout    = 2 // of any other policy without a rule for several codes
	couponLayout   = 3 // of one with it
	factsLayout    = 1
	decisionLayout = 1
)

var (
	errLayout    = errors.New("attribution: unknown layout version")
	errCanonical = errors.New("attribution: not in canonical form")
)

// Encode gives the policy's canonical bytes: those of layout 1 wherever they can
// say all of it, so that what was stored before there were models stays the same.
func (p Policy) Encode() []byte {
	layout := p.layout()
	w := canon.NewWriter(layout)
	w.Int(int64(p.Window))
	w.Int(int64(p.Skew))
	w.List(len(p.Precedence))
	for _, k := range p.Precedence {
		w.String(string(k))
	}
	w.String(string(p.OnSuspended))
	if layout >= modelLayout {
		p.writeModel(w)
	}
	if layout == couponLayout {
		w.String(string(p.Coupons))
	}
	return w.Sum()
}

func (p Policy) layout() byte {
	switch {
	case p.Coupons != CouponFirst:
		return couponLayout
	case p.plain():
		return policyLayout
	}
	return modelLayout
}

// plain reports whether the policy says nothing that layout 1 does not.
func (p Policy) plain() bool {
	return p.model() == ModelLastNonDirect && p.First == 0 && p.Last == 0 && p.HalfLife == 0 &&
		len(p.Overrides) == 0 && p.Lifetime == LifetimeNone && p.LifetimeFor == 0
}

func (p Policy) writeModel(w *canon.Writer) {
	w.String(string(p.model()))
	w.Int(p.First)
	w.Int(p.Last)
	w.Int(int64(p.HalfLife))
	w.List(len(p.Overrides))
	for _, o := range p.Overrides {
		w.String(o.AffiliateID)
		w.Int(int64(o.Window))
	}
	w.String(string(p.Lifetime))
	w.Int(int64(p.LifetimeFor))
}

func (p *Policy) readModel(r *canon.Reader) {
	p.Model = Model(r.String())
	p.First, p.Last, p.HalfLife = r.Int(), r.Int(), time.Duration(r.Int())
	for range r.List() {
		p.Overrides = append(p.Overrides, Override{r.String(), time.Duration(r.Int())})
	}
	p.Lifetime, p.LifetimeFor = Lifetime(r.String()), time.Duration(r.Int())
}

// DecodePolicy reads what Policy.Encode wrote; anything else is INTERNAL.
func DecodePolicy(b []byte) (Policy, error) {
	p := Policy{Model: ModelLastNonDirect}
	layout := byte(policyLayout)
	if len(b) > 0 && (b[0] == modelLayout || b[0] == couponLayout) {
		layout = b[0]
	}
	err := decode(b, layout, func(r *canon.Reader) {
		p.Window = time.Duration(r.Int())
		p.Skew = time.Duration(r.Int())
		for range r.List() {
			p.Precedence = append(p.Precedence, Kind(r.String()))
		}
		p.OnSuspended = SuspendedRule(r.String())
		if layout >= modelLayout {
			p.readModel(r)
		}
		if layout == couponLayout {
			p.Coupons = CouponRule(r.String())
		}
	})
	if err == nil && layout >= modelLayout && (p.layout() != layout || len(p.Validate()) > 0) {
		err = errCanonical
	}
	if err != nil {
		return Policy{}, unreadable("policy", err)
	}
	return p, nil
}

// Encode gives the facts' canonical bytes, whatever the order of the touches.
func (f Facts) Encode() []byte {
	f = f.canonical()
	w := canon.NewWriter(factsLayout)
	w.String(f.ConversionID)
	w.Time(f.OccurredAt)
	w.Int(int64(f.Dropped))
	w.List(len(f.Touches))
	for _, t := range f.Touches {
		t.write(w)
	}
	return w.Sum()
}

// DecodeFacts reads what Facts.Encode wrote; anything else is INTERNAL.
func DecodeFacts(b []byte) (Facts, error) {
	var f Facts
	err := decode(b, factsLayout, func(r *canon.Reader) {
		f.ConversionID = r.String()
		f.OccurredAt = r.Time()
		f.Dropped = int(r.Int())
		for range r.List() {
			f.Touches = append(f.Touches, readTouch(r))
		}
	})
	for i := 1; i < len(f.Touches) && err == nil; i++ {
		if byAge(f.Touches[i-1], f.Touches[i]) >= 0 {
			err = errCanonical
		}
	}
	if err != nil {
		return Facts{}, unreadable("facts", err)
	}
	return f, nil
}

func (t Touch) write(w *canon.Writer) {
	w.String(t.ID)
	w.String(string(t.Kind))
	w.String(t.AffiliateID)
	w.String(t.AffiliateStatus)
	w.String(t.LinkID)
	w.String(t.CouponID)
	w.Time(t.At)
	w.Int(int64(t.Window))
	w.Int(int64(t.Position))
	w.Bool(t.Payable)
	w.String(t.Reason)
	w.Bool(t.BuyerIsAffiliate)
	w.String(t.SelfVia)
}

func readTouch(r *canon.Reader) Touch {
	return Touch{
		ID:               r.String(),
		Kind:             Kind(r.String()),
		AffiliateID:      r.String(),
		AffiliateStatus:  r.String(),
		LinkID:           r.String(),
		CouponID:         r.String(),
		At:               r.Time(),
		Window:           time.Duration(r.Int()),
		Position:         int(r.Int()),
		Payable:          r.Bool(),
		Reason:           r.String(),
		BuyerIsAffiliate: r.Bool(),
		SelfVia:          r.String(),
	}
}

// Encode gives the decision's canonical bytes.
func (d Decision) Encode() []byte {
	w := canon.NewWriter(decisionLayout)
	w.String(d.AffiliateID)
	w.String(d.TouchID)
	w.String(string(d.Kind))
	w.String(string(d.Rule))
	w.List(len(d.Shares))
	for _, s := range d.Shares {
		w.String(s.AffiliateID)
		w.String(s.TouchID)
		w.Int(s.Num)
		w.Int(s.Den)
	}
	w.List(len(d.Excluded))
	for _, e := range d.Excluded {
		w.String(e.TouchID)
		w.String(string(e.Reason))
		w.String(e.Detail)
	}
	return w.Sum()
}

// DecodeDecision reads what Decision.Encode wrote; anything else is INTERNAL.
func DecodeDecision(b []byte) (Decision, error) {
	var d Decision
	err := decode(b, decisionLayout, func(r *canon.Reader) {
		d.AffiliateID, d.TouchID = r.String(), r.String()
		d.Kind, d.Rule = Kind(r.String()), Rule(r.String())
		for range r.List() {
			d.Shares = append(d.Shares, Share{r.String(), r.String(), r.Int(), r.Int()})
		}
		for range r.List() {
			d.Excluded = append(d.Excluded, Exclusion{r.String(), Reason(r.String()), r.String()})
		}
	})
	if err != nil {
		return Decision{}, unreadable("decision", err)
	}
	return d, nil
}

// Replay decides again from the stored bytes of a policy and of facts, and gives
// the bytes of the decision. They equal the stored ones, or something was changed.
func Replay(policy, facts []byte) ([]byte, error) {
	p, err := DecodePolicy(policy)
	if err != nil {
		return nil, err
	}
	f, err := DecodeFacts(facts)
	if err != nil {
		return nil, err
	}
	return Decide(p, f).Encode(), nil
}

func decode(b []byte, layout byte, read func(*canon.Reader)) error {
	r, err := canon.NewReader(b)
	if err != nil {
		return err
	}
	if r.Version() != layout {
		return errLayout
	}
	read(r)
	return r.Done()
}

func unreadable(what string, cause error) error {
	return problem.New(problem.Internal, "the stored attribution %s cannot be read", what).Because(cause)
}
