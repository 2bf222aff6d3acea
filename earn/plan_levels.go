package earn

import (
	"strings"

	"github.com/tributary/tributary/earn/levels"
	"github.com/tributary/tributary/internal/problem"
)

// levelNames are fields of levels that the terms of a plan call otherwise.
var levelNames = strings.NewReplacer("levels.", "terms.", ".rate", ".percent", "maxTotalPayoutPercent", "maxPercent", "cutOrder", "cut")

// levelFaults gives every fault of what a plan's terms say of levels.
func levelFaults(t *levels.Terms) (faults []*problem.Error) {
	if t == nil {
		return nil
	}
	for _, f := range t.Validate() {
		path := strings.Join(f.Field, ".")
		if path = levelNames.Replace(path); path == "levels" {
			path = "terms"
		}
		faults = append(faults, problem.At(f.Code, "levels."+path, "%s", f.Message))
	}
	return faults
}
