package plan

import (
	"fmt"
	"time"
)

// Kept says that terms apply although others were in force at the sale: these protect
// touches from before they began (N32). The zero Kept says nothing.
type Kept struct {
	VersionID   string    // in force at the sale
	Number      int       // its number
	From, Touch time.Time // its first instant, and the touch before it
}

// StepTerms tells why earlier terms apply.
const StepTerms StepKind = "TERMS"

// steps tells why, where there is anything to tell.
func (k Kept) steps(telling bool, base int64) []Step {
	if !telling || k == (Kept{}) {
		return nil
	}
	return []Step{{
		Kind: StepTerms, Before: base, After: base,
		Text: fmt.Sprintf("The touch of %s was before plan version %d began on %s, which keeps such sales under the terms of before for a time.",
			stamp(k.Touch), k.Number, stamp(k.From)),
	}}
}

func stamp(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05 UTC") }
