package attribution

import (
	"errors"
	"time"

	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/problem"
)

// Layout versions of the three encodings.
const (
	policyLayout   = 1
	factsLayout    = 1
	decisionLayout = 1
)

var (
	errLayout    = errors.New("attribution: unknown layout version")
	errCanonical = errors.New("attribution: not in canonical form")
)

// Encode gives the policy's canonical bytes.
func (p Policy) Encode() []byte {
	w := canon.NewWriter(policyLayout)
	w.Int(int64(p.Window))
	w.Int(int64(p.Skew))
	w.List(len(p.Precedence))
	for _, k := range p.Precedence {
		w.String(string(k))
	}
	w.String(string(p.OnSuspended))
	return w.Sum()
}

// DecodePolicy reads what Policy.Encode wrote; anything else is INTERNAL.
func DecodePolicy(b []byte) (Policy, error) {
	var p Policy
	err := decode(b, policyLayout, func(r *canon.Reader) {
		p.Window = time.Duration(r.Int())
		p.Skew = time.Duration(r.Int())
		for range r.List() {
			p.Precedence = append(p.Precedence, Kind(r.String()))
		}
		p.OnSuspended = SuspendedRule(r.String())
	})
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
