package order

// Word is what a message may do to an order that is known.
type Word int

// The words, the weakest first.
const (
	Older     Word = iota // nothing: its own source has said something newer
	Completes             // to say what nobody has said, and to change nothing that somebody has
	Edits                 // to change what it says, too; what it does not say stays
)

func (w Word) String() string { return [...]string{"older", "completes", "edits"}[w] }

// Saying is whose word something is, and which version of it.
type Saying struct {
	By      TellerKind // "" when it is not known, in rows from before it was noted
	Version int64      // 0 when the source has none
}

// Over is the merge rule: what a message may do to an order whose lines and amounts
// are of a known saying. Versions count within one kind of source only, because two
// systems count by different clocks:
//
//   - a shop's word stands over that of imports and callers, whichever came first, for
//     the order is the shop's: it edits what they said, and they complete what it did
//     not say;
//   - among sources of one rank a version that is not lower edits, and a lower one
//     completes; one that its own kind has passed, and that has a version, is older and
//     does nothing.
//
// Whoever edits erases nothing by silence: a field that a message leaves out is kept,
// and so are known lines when it has none, or a bare total (Q47). So messages of a shop,
// a middleware and a caller lead to one record in whatever order they come.
func (says Saying) Over(known Saying) Word {
	switch mine, theirs := says.rank(), known.rank(); {
	case known.By != "" && mine > theirs:
		return Edits
	case known.By != "" && mine < theirs:
		return Completes
	case says.Version >= known.Version:
		return Edits
	case says.Version != 0 && (known.By == "" || says.By == known.By):
		return Older
	}
	return Completes
}

func (says Saying) rank() int {
	if says.By == TellerShop {
		return 1
	}
	return 0
}
