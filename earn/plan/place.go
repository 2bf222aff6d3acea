package plan

import (
	"slices"

	"github.com/tributary/tributary/internal/canon"
)

// Where an order comes from: the buyer's country and device, and the channel through
// which it was placed. What is not known meets no condition that names any.

// Devices are what an order can be placed on.
var Devices = []string{"DESKTOP", "MOBILE", "TABLET", "OTHER"}

func (c *Condition) placed(in *Input) bool {
	return known(c.Countries, in.Country) && known(c.Devices, in.Device) && known(c.Channels, in.Channel)
}

// known is among for a fact that may not be known.
func known(list []string, v string) bool {
	return len(list) == 0 || v != "" && slices.Contains(list, v)
}

// looks reports whether the condition itself says anything of what sections hold of
// an order.
func (c *Condition) looks() bool {
	return len(c.Countries)+len(c.Devices)+len(c.Channels)+len(c.Fields) > 0
}

// texts is a section that holds a list of texts.
func texts(name string, of func(*Condition) *[]string) section[Condition] {
	return section[Condition]{
		name: name, said: func(c *Condition) bool { return len(*of(c)) > 0 },
		write: func(c *Condition, w *canon.Writer) { writeTexts(w, *of(c)) },
		read:  func(c *Condition, r *canon.Reader) { *of(c) = readTexts[string](r) },
	}
}

// text is a section that holds one text.
func text[T any](name string, of func(*T) *string) section[T] {
	return section[T]{
		name: name, said: func(v *T) bool { return *of(v) != "" },
		write: func(v *T, w *canon.Writer) { w.String(*of(v)) },
		read:  func(v *T, r *canon.Reader) { *of(v) = r.String() },
	}
}
