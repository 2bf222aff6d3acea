package graph

import (
	"strings"
	"testing"
)

// What is wrong with a percentage is said by its place: that it is none, that it has too
// many digits, that it is too great.
func TestAPercentageIsRefusedByWhatIsWrongWithIt(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"ten": "not a decimal number", "0.1234567890123": "more than 12 digits", "1" + strings.Repeat("0", 30): "out of range"} {
		var f faults
		f.percent("rules.0.percent", &in)
		if len(f.all) != 1 || !strings.Contains(f.all[0].Error(), want) || !strings.Contains(f.all[0].Error(), "rules.0.percent") {
			t.Errorf("%s: %v", in, f.all)
		}
	}
	fine := "0.123456789012"
	if f := (faults{}); f.percent("", &fine).Scale != 12 || len(f.all) > 0 {
		t.Error(f.all)
	}
}
