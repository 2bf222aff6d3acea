package track

import (
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/facts"
)

// profileOf is what a CRM or the merchant has said of a buyer, as an order keeps it
// once it is theirs: terms that look at it pay by what was known then, whatever is said
// later (S25, C08). nil when nothing was said.
func profileOf(c *ent.Customer) map[string]string {
	if c == nil {
		return nil
	}
	var said []facts.Field
	for name, value := range map[string]*string{"segment": c.Segment, "lifecycle_stage": c.LifecycleStage} {
		if value != nil {
			said = append(said, facts.Field{Name: name, Kind: facts.Text, Value: *value})
		}
	}
	return facts.Pack(said)
}
