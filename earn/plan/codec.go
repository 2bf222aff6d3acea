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

// Layouts of the encodings. The first holds rules that are one percentage or one
// fixed amount for a level; the second adds conditions, tiers, caps and facts; the
// third adds sections (see section). What one can hold is written in it and never
// in a later one, so that stored bytes stay as they are.
const (
	layoutPlain    = 1
	layoutFull     = 2
	layoutSections = 3
)

var (
	errLayout    = errors.New("plan: unknown layout version")
	errCanonical = errors.New("plan: not in canonical form")
)

// Encode gives the version's canonical bytes, whatever the order of its rules.
func (v Version) Encode() []byte {
	layout := v.layout()
	w := canon.NewWriter(layout)
	w.String(v.ID)
	w.Int(int64(v.Number))
	w.Int(int64(v.HoldDays))
	w.Bool(v.AutoApprove)
	v.RefundPolicy.write(w)
	if layout >= layoutFull {
		w.String(string(v.Precedence))
		v.Base.write(w)
		writeCaps(w, v.Caps)
		w.Bool(v.Recurred)
		w.Bool(v.Reanchor)
	}
	rules := slices.Clone(v.Rules)
	slices.SortStableFunc(rules, func(a, b Rule) int { return cmp.Compare(a.ID, b.ID) })
	w.List(len(rules))
	for _, r := range rules {
		r.write(w)
		if layout >= layoutFull {
			r.writeMore(w)
		}
	}
	writeSections(w, versionSections, &v)
	return w.Sum()
}

func (v Version) layout() byte {
	if saysAny(versionSections, &v) || slices.ContainsFunc(v.Rules, func(r Rule) bool { return r.more() }) {
		return layoutSections
	}
	if v.Precedence != "" || v.Recurred || v.Reanchor || len(v.Caps) > 0 || v.Base != (Base{}) || slices.ContainsFunc(v.Rules, func(r Rule) bool { return !r.plain() }) {
		return layoutFull
	}
	return layoutPlain
}

// DecodeVersion reads what Version.Encode wrote; anything else is INTERNAL.
func DecodeVersion(b []byte) (Version, error) {
	var v Version
	err := decode(b, "version", func(r *canon.Reader) {
		v.ID = r.String()
		v.Number = int(r.Int())
		v.HoldDays = int(r.Int())
		v.AutoApprove = r.Bool()
		v.RefundPolicy = readRefundPolicy(r)
		full := r.Version() >= layoutFull
		if full {
			v.Precedence, v.Base = Precedence(r.String()), readBase(r)
			v.Caps = readCaps(r)
			v.Recurred, v.Reanchor = r.Bool(), r.Bool()
		}
		for range r.List() {
			rule := readRule(r)
			if full {
				rule.readMore(r)
			}
			v.Rules = append(v.Rules, rule)
		}
		readSections(r, versionSections, &v)
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
	writeMoney(w, r.Fixed)
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
		Fixed:     readMoney(r),
		PayOnZero: r.Bool(),
		Refund:    readRefundPolicy(r),
	}
}

func writeMoney(w *canon.Writer, m money.Money) {
	w.Int(m.Minor)
	w.String(string(m.Currency))
}

func readMoney(r *canon.Reader) money.Money {
	return money.Of(r.Int(), money.Currency(r.String()))
}

func (p RefundPolicy) write(w *canon.Writer) {
	w.String(string(p.Mode))
	w.Int(p.AtPercent)
}

func readRefundPolicy(r *canon.Reader) RefundPolicy {
	return RefundPolicy{Mode: RefundMode(r.String()), AtPercent: r.Int()}
}

func decode(b []byte, what string, read func(*canon.Reader)) error {
	r, err := canon.NewReader(b)
	if err == nil && (r.Version() < layoutPlain || r.Version() > layoutSections) {
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
