package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/tributary/tributary/internal/problem"
)

// health answers whether the process lives and whether it should get work.
type health struct {
	draining func() bool
	parts    []part
	guarded  func(context.Context) (string, error) // how row-level security applies; nil where nobody asks
	log      *slog.Logger
}

// part is something the server cannot work without.
type part struct {
	name  string
	check func(context.Context) error
}

// partTime bounds each look: /readyz flips within two seconds of a part's loss,
// also when the part hangs instead of failing.
const partTime = time.Second

// alive answers as long as the process can answer at all.
func alive(w http.ResponseWriter, _ *http.Request) {
	answerJSON(w, http.StatusOK, map[string]any{"alive": true})
}

type partState struct {
	OK     bool   `json:"ok"`
	Reason string `json:"reason,omitempty"`
}

type readiness struct {
	Ready    bool                 `json:"ready"`
	Draining bool                 `json:"draining,omitempty"`
	Parts    map[string]partState `json:"parts"`
	// RowLevelSecurity is "role", "force" or "not at all" on PostgreSQL, absent on
	// SQLite and while the database does not say. None keeps the server from work.
	RowLevelSecurity string `json:"rowLevelSecurity,omitempty"`
}

// ready answers 200 when every part works and the end has not begun, else 503,
// with each part's state.
func (h *health) ready(w http.ResponseWriter, r *http.Request) {
	state := h.look(r.Context())
	status := http.StatusOK
	if !state.Ready {
		status = http.StatusServiceUnavailable
	}
	answerJSON(w, status, state)
}

// look checks all parts at once: one that hangs delays no other.
func (h *health) look(ctx context.Context) readiness {
	ctx, cancel := context.WithTimeout(ctx, partTime)
	defer cancel()
	states := make([]partState, len(h.parts))
	var wg sync.WaitGroup
	for i, p := range h.parts {
		wg.Go(func() { states[i] = h.stateOf(ctx, p) })
	}
	told := make(chan string, 1)
	wg.Go(func() { told <- h.guard(ctx) })
	wg.Wait()
	out := readiness{Draining: h.draining(), Parts: map[string]partState{}, RowLevelSecurity: <-told}
	out.Ready = !out.Draining
	for i, p := range h.parts {
		out.Parts[p.name] = states[i]
		out.Ready = out.Ready && states[i].OK
	}
	return out
}

// guard asks how row-level security applies, which is no part: the server works
// without, and whoever runs it should see that it does.
func (h *health) guard(ctx context.Context) string {
	if h.guarded == nil {
		return ""
	}
	told := make(chan string, 1)
	err := withinTime(ctx, func(ctx context.Context) error {
		how, err := h.guarded(ctx)
		told <- how
		return err
	})
	if err != nil {
		return ""
	}
	return <-told
}

// stateOf tells what a problem says; any other cause goes to the log only, for
// it may name hosts.
func (h *health) stateOf(ctx context.Context, p part) partState {
	err := withinTime(ctx, p.check)
	if err == nil {
		return partState{OK: true}
	}
	h.log.WarnContext(ctx, "not ready", "part", p.name, "error", err)
	switch told, ok := problem.As(err); {
	case errors.Is(err, context.DeadlineExceeded):
		return partState{Reason: "did not answer in time"}
	case ok:
		return partState{Reason: told.Message}
	}
	return partState{Reason: "does not work"}
}

// withinTime gives up on a check that does not heed its context.
func withinTime(ctx context.Context, check func(context.Context) error) error {
	done := make(chan error, 1)
	go func() { done <- check(ctx) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// remembered keeps a check's success for a while: the schema does not change
// under a server often, and asking takes the database's one writer.
func remembered(keep time.Duration, check func(context.Context) error) func(context.Context) error {
	var mu sync.Mutex
	var until time.Time
	return func(ctx context.Context) error {
		mu.Lock()
		fresh := time.Now().Before(until)
		mu.Unlock()
		if fresh {
			return nil
		}
		err := check(ctx)
		if err == nil {
			mu.Lock()
			until = time.Now().Add(keep)
			mu.Unlock()
		}
		return err
	}
}
