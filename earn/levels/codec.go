package levels

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// layout is the only one there is so far.
const layout = 1

var errCanonical = errors.New("levels: not in canonical form")

// Encode gives the terms' canonical bytes.
func (t Terms) Encode() []byte {
	w := canon.NewWriter(layout)
	t.write(w)
	return w.Sum()
}

// DecodeTerms reads what Terms.Encode wrote; anything else is INTERNAL.
func DecodeTerms(b []byte) (t Terms, err error) {
	err = decode(b, "terms", func(r *canon.Reader) { t = readTerms(r) }, func() []byte { return t.Encode() })
	return t, err
}

// EncodeUpline gives a snapshot's canonical bytes; they are never empty.
func EncodeUpline(upline []Member) []byte {
	w := canon.NewWriter(layout)
	writeUpline(w, upline)
	return w.Sum()
}

// DecodeUpline reads what EncodeUpline wrote; anything else is INTERNAL.
func DecodeUpline(b []byte) (upline []Member, err error) {
	err = decode(b, "upline", func(r *canon.Reader) { upline = readUpline(r) }, func() []byte { return EncodeUpline(upline) })
	return upline, err
}

func decode(b []byte, what string, read func(*canon.Reader), again func() []byte) error {
	r, err := canon.NewReader(b)
	if err == nil && r.Version() != layout {
		err = fmt.Errorf("levels: layout %d is not known", r.Version())
	}
	if err == nil {
		read(r)
		err = r.Done()
	}
	if err == nil && !bytes.Equal(again(), b) {
		err = errCanonical
	}
	if err != nil {
		return problem.New(problem.Internal, "the stored %s of levels cannot be read", what).Because(err)
	}
	return nil
}

func (t Terms) write(w *canon.Writer) {
	w.List(len(t.Levels))
	for _, one := range t.Levels {
		w.String(string(one.Mode))
		writeRate(w, one.Rate)
	}
	w.Bool(t.AndAbove)
	w.String(string(t.OnInactive))
	w.String(string(t.OnUnqualified))
	w.Int(int64(t.Qualification.Days))
	w.Int(t.Qualification.Sales)
	writeMoney(w, t.Qualification.Amount)
	writeRate(w, t.MaxTotal)
	w.String(string(t.Cut))
}

func readTerms(r *canon.Reader) (t Terms) {
	for range r.List() {
		t.Levels = append(t.Levels, Term{Mode: Mode(r.String()), Rate: readRate(r)})
	}
	t.AndAbove, t.OnInactive, t.OnUnqualified = r.Bool(), Policy(r.String()), Policy(r.String())
	t.Qualification = Qualification{Days: int(r.Int()), Sales: r.Int(), Amount: readMoney(r)}
	t.MaxTotal, t.Cut = readRate(r), CutOrder(r.String())
	return t
}

func writeUpline(w *canon.Writer, upline []Member) {
	w.List(len(upline))
	for _, m := range upline {
		w.String(m.AffiliateID)
		w.String(m.Status)
		w.Int(m.Sales)
		writeMoney(w, m.Amount)
		w.Bool(m.Buyer)
	}
}

func readUpline(r *canon.Reader) (upline []Member) {
	for range r.List() {
		upline = append(upline, Member{AffiliateID: r.String(), Status: r.String(), Sales: r.Int(), Amount: readMoney(r), Buyer: r.Bool()})
	}
	return upline
}

func writeRate(w *canon.Writer, r money.Rate) {
	w.Int(r.Num)
	w.Uint(uint64(r.Scale))
}

func readRate(r *canon.Reader) money.Rate {
	return money.Rate{Num: r.Int(), Scale: uint8(min(r.Uint(), 255))}
}

func writeMoney(w *canon.Writer, m money.Money) {
	w.Int(m.Minor)
	w.String(string(m.Currency))
}

func readMoney(r *canon.Reader) money.Money {
	return money.Of(r.Int(), money.Currency(r.String()))
}
