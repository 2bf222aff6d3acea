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
