package connect

import (
	"time"

	"github.com/tributary/tributary/connect/mapping"
	"github.com/tributary/tributary/ent"
)

// SidePlatform is who changed a value that nobody told us from outside.
const SidePlatform = "PLATFORM"

// standing is a value of a customer that both sides may change, as it stands.
type standing struct {
	value string // "" when there is none
	at    time.Time
	by    string    // SidePlatform, an integration's id, or "" while nobody has said it
	told  time.Time // the newest that an integration has told
}

// hears gives how it stands after an integration has told a value, which may be late and
// out of order: in whatever order what is told arrives, it ends as the same. ours
// reports that what was told does not stand against ours.
func (s standing) hears(p mapping.Policy, said standing) (after standing, ours bool) {
	late := said.at.Before(s.told) || said.at.Equal(s.told) && (s.by != said.by || said.value <= s.value)
	if !s.told.IsZero() && late {
		return s, false
	}
	kept := s
	kept.told = said.at
	if s.by == SidePlatform && (p == mapping.Platform || p != mapping.Remote && !said.at.After(s.at)) {
		return kept, true
	}
	said.told = said.at
	return said, false
}

// toldField is a value of a customer that a CRM may tell.
type toldField struct {
	name  string // as events have it
	read  func(*ent.Customer) standing
	write func(*ent.CustomerUpdateOne, standing)
}

// toldFields are those values, by their paths in a record.
var toldFields = map[string]*toldField{
	"customer.segment": {
		"segment",
		func(c *ent.Customer) standing { return stood(c.Segment, c.SegmentAt, c.SegmentBy, c.SegmentToldAt) },
		func(up *ent.CustomerUpdateOne, now standing) {
			up.SetNillableSegment(now.text()).SetSegmentAt(now.at).SetSegmentBy(now.by).SetNillableSegmentToldAt(now.heard())
			if now.value == "" {
				up.ClearSegment()
			}
		},
	},
	"customer.lifecycle_stage": {
		"lifecycle_stage",
		func(c *ent.Customer) standing {
			return stood(c.LifecycleStage, c.LifecycleStageAt, c.LifecycleStageBy, c.LifecycleStageToldAt)
		},
		func(up *ent.CustomerUpdateOne, now standing) {
			up.SetNillableLifecycleStage(now.text()).SetLifecycleStageAt(now.at).SetLifecycleStageBy(now.by).SetNillableLifecycleStageToldAt(now.heard())
			if now.value == "" {
				up.ClearLifecycleStage()
			}
		},
	},
}

func stood(value *string, at *time.Time, by *string, told *time.Time) (s standing) {
	if value != nil {
		s.value = *value
	}
	if at != nil && by != nil {
		s.at, s.by = *at, *by
	}
	if told != nil {
		s.told = *told
	}
	return s
}

func (s standing) text() *string {
	if s.value == "" {
		return nil
	}
	return &s.value
}

func (s standing) heard() *time.Time {
	if s.told.IsZero() {
		return nil
	}
	return &s.told
}
