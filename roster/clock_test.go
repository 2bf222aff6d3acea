package roster_test

import (
	"context"
	"testing"
	"time"

	"github.com/tributary/tributary/ent/merchant"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/trust"
)

// playground is a sandbox on a clock that tests move.
func playground(t *testing.T) (*roster.Service, *store.Store, *storetest.Clock, context.Context) {
	t.Helper()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock)
	mid := id.New(id.Merchant, clock.Now())
	ctx := trust.With(t.Context(), trust.System(mid))
	_, err := store.Run(ctx, s, store.Command{Name: "merchantCreate"}, func(ctx context.Context, tx *store.Tx) (int, error) {
		return 0, tx.Ent().Merchant.Create().SetID(mid).SetName("Play").SetMode(merchant.ModeTEST).SetCurrency("USD").Exec(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	return roster.New(roster.Config{Store: s}), s, clock, ctx
}

// instants are what a command of the viewer's sees.
func instants(ctx context.Context, t *testing.T, s *store.Store) (real, merchants time.Time) {
	t.Helper()
	_, err := store.Run(ctx, s, store.Command{Name: "look", DryRun: true}, func(_ context.Context, tx *store.Tx) (int, error) {
		real, merchants = tx.Now(), tx.MerchantTime()
		return 0, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return real, merchants
}

// Rules go by the sandbox's clock; ids and credentials by the server's; another
// merchant's clock stands where it was.
func TestN21_AClockMovesItsOwnMerchantsRulesAlone(t *testing.T) {
	t.Parallel()
	s, db, clock, ctx := playground(t)
	other, _ := storetest.Merchant(t, db)
	out, err := s.ClockAdvance(ctx, roster.ClockAdvanceInput{By: 40 * 24 * time.Hour})
	if err != nil || !out.Now.Equal(clock.Now().AddDate(0, 0, 40)) {
		t.Fatalf("%+v, %v", out, err)
	}
	if real, ahead := instants(ctx, t, db); !real.Equal(clock.Now()) || !ahead.Equal(out.Now) {
		t.Errorf("a command sees %s and %s", real, ahead)
	}
	if real, same := instants(other, t, db); !real.Equal(same) {
		t.Errorf("another merchant's clock moved to %s", same)
	}
	clock.Advance(time.Hour) // the sandbox's goes on
	if got := db.MerchantTime(ctx); !got.Equal(out.Now.Add(time.Hour)) {
		t.Errorf("an hour later it is %s", got)
	}
	if out, err = s.ClockAdvance(ctx, roster.ClockAdvanceInput{To: clock.Now().AddDate(0, 0, 41)}); err != nil || !out.Now.Equal(clock.Now().AddDate(0, 0, 41)) {
		t.Errorf("to an instant: %+v, %v", out, err)
	}
}

func TestN21_AClockIsRefusedByItsField(t *testing.T) {
	t.Parallel()
	s, db, clock, ctx := playground(t)
	if _, err := s.ClockAdvance(ctx, roster.ClockAdvanceInput{By: time.Hour}); err != nil {
		t.Fatal(err)
	}
	live, _ := storetest.Merchant(t, db)
	for name, row := range map[string]struct {
		ctx   context.Context
		in    roster.ClockAdvanceInput
		code  problem.Code
		field string
	}{
		"nothing":          {ctx, roster.ClockAdvanceInput{}, problem.Invalid, "bySeconds"},
		"both":             {ctx, roster.ClockAdvanceInput{By: 1, To: clock.Now()}, problem.Invalid, "bySeconds"},
		"back":             {ctx, roster.ClockAdvanceInput{By: -time.Second}, problem.Invalid, "bySeconds"},
		"to the past":      {ctx, roster.ClockAdvanceInput{To: clock.Now().Add(time.Hour)}, problem.Invalid, "to"},
		"too far in all":   {ctx, roster.ClockAdvanceInput{By: roster.MaxAhead}, problem.TooLarge, "bySeconds"},
		"beyond all sums":  {ctx, roster.ClockAdvanceInput{By: 1<<63 - 1}, problem.TooLarge, "bySeconds"},
		"to a far instant": {ctx, roster.ClockAdvanceInput{To: clock.Now().AddDate(5000, 0, 0)}, problem.TooLarge, "to"},
		"a live merchant":  {live, roster.ClockAdvanceInput{By: time.Hour}, problem.State, ""},
	} {
		_, err := s.ClockAdvance(row.ctx, row.in)
		p, _ := problem.As(err)
		if p == nil || p.Code != row.code || row.field != "" && p.Field[0] != row.field {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := db.MerchantTime(ctx); !got.Equal(clock.Now().Add(time.Hour)) {
		t.Errorf("a refused move led to %s", got)
	}
}
