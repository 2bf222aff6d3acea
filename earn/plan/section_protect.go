package plan

import (
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/money"
)

// marginSection is what the merchant has left to pay from.
var marginSection = section[Version]{
	name: "margin",
	said: func(v *Version) bool { return v.Margin != money.Rate{} },
	write: func(v *Version, w *canon.Writer) {
		w.Int(v.Margin.Num)
		w.Int(int64(v.Margin.Scale))
	},
	read: func(v *Version, r *canon.Reader) { v.Margin = money.Rate{Num: r.Int(), Scale: uint8(r.Int())} },
}

// graceSection is for how long earlier touches keep earlier terms.
var graceSection = section[Version]{
	name:  "grace",
	said:  func(v *Version) bool { return v.GraceDays != 0 },
	write: func(v *Version, w *canon.Writer) { w.Int(int64(v.GraceDays)) },
	read:  func(v *Version, r *canon.Reader) { v.GraceDays = int(r.Int()) },
}

// keptSection is why an order is under earlier terms.
var keptSection = section[Input]{
	name: "kept",
	said: func(in *Input) bool { return in.Kept != Kept{} },
	write: func(in *Input, w *canon.Writer) {
		w.String(in.Kept.VersionID)
		w.Int(int64(in.Kept.Number))
		w.Time(in.Kept.From)
		w.Time(in.Kept.Touch)
	},
	read: func(in *Input, r *canon.Reader) {
		in.Kept = Kept{VersionID: r.String(), Number: int(r.Int()), From: r.Time(), Touch: r.Time()}
	},
}
