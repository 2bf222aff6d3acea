package earn

import (
	"testing"

	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/problem"
)

func TestQ73_MovesBetweenStatuses(t *testing.T) {
	t.Parallel()
	const p, a, j, v = commission.StatusPENDING, commission.StatusAPPROVED, commission.StatusREJECTED, commission.StatusREVERSED
	allowed := "PENDING→APPROVED PENDING→REJECTED PENDING→REVERSED APPROVED→REVERSED REVERSED→PENDING REVERSED→APPROVED "
	got := ""
	for _, from := range []commission.Status{p, a, j, v} {
		for _, to := range []commission.Status{p, a, j, v} {
			err := move{from, to}.may("id")
			if err == nil {
				got += string(from) + "→" + string(to) + " "
			} else if problem.CodeOf(err) != problem.State {
				t.Errorf("%s to %s: %v", from, to, err)
			}
		}
	}
	if got != allowed {
		t.Errorf("moves %s\nwant  %s", got, allowed)
	}
}
