package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/trust"
)

// affiliateSees is typed by hand: what an affiliate sees of its merchant's two
// rows, one of its own and one around another affiliate.
const affiliateSees = `
User              global
Follower          global
OneTimeCode       global
RateBucket        global
ExchangeRate      global
LedgerLock        none
Simulation        none  SimulationDifference none SimulationAffiliate none
ClickDay          none  TermsNotice      none
OrderAlias        none  Reconciliation    none  RollupSource      none
Export            none  ExportPart        none  Provenance        none
Merchant          all   Program          all   Host              all
Brand             all
AttributionPolicy all   CommissionPlan   all   PlanVersion       all
Affiliate         own   Membership       own   ApiToken          own
Enrollment        own   Link             own   Coupon            own
Click             own   Touch            own   Conversion        own
Attribution       own   Commission       own   LedgerAccount     own
LedgerEntry       own   PayoutMethod     own   Payout            own
Event             own   Tally            own   Rollup            own
Dispute           own   DisputeComment   own
Session           none  AffiliateGroup   none  Customer          none
ConversionLine    none  Refund           none  LedgerTransaction none
LedgerCheckpoint  none  PayoutBatch      none  EventOrder        none
IdempotencyRecord none  Integration      none  WebhookReceipt    none
AuditRecord       none  PersistedOperation none AffiliateMerge none
WebhookEndpoint   none  WebhookDelivery none  WebhookAttempt    none
FieldMap          none  SyncFeed        none  SyncItem          none
SyncTransfer      none
`

// golden reads the table above.
func golden(t testing.TB) map[string]string {
	t.Helper()
	words := strings.Fields(affiliateSees)
	out := map[string]string{}
	for i := 0; i < len(words); i += 2 {
		out[words[i]] = words[i+1]
	}
	return out
}

// town is two merchants, the first with two affiliates, each with a row of
// every table.
type town struct {
	s                 *store.Store
	entities          map[string]string // entity → table
	one, other, alien family
}

func newTown(t testing.TB) *town {
	t.Helper()
	s := storetest.Open(t)
	d := newSeeder(t, s)
	one := d.family(nil)
	return &town{s: s, entities: entities(t), one: one, other: d.family(one), alien: d.family(nil)}
}

func (w *town) staff(ctx context.Context) context.Context {
	return trust.With(ctx, trust.Viewer{MerchantID: w.one["merchants"].(string), PrincipalID: "usr_1", Kind: trust.KindUser, Role: trust.Owner})
}

func (w *town) affiliate(ctx context.Context) context.Context {
	return trust.With(ctx, trust.Viewer{
		MerchantID: w.one["merchants"].(string), PrincipalID: "usr_2", Kind: trust.KindUser,
		Role: trust.Affiliate, AffiliateID: w.one["affiliates"].(string),
	})
}

// ids are the ids of an entity's rows in some families.
func (w *town) ids(entity string, families ...family) map[string]bool {
	out := map[string]bool{}
	for _, f := range families {
		out[fmt.Sprint(f[w.entities[entity]])] = true
	}
	return out
}

// walker walks an entity as a viewer who may see the rows of some families.
func (w *town) walker(ctx context.Context, client *ent.Client, entity string, foreign family, allowed ...family) *walker {
	column := "merchant_id"
	if entity == ent.TypeMerchant {
		column = "id"
	}
	return &walker{ctx: ctx, client: client, entity: entity, column: column, allowed: w.ids(entity, allowed...), foreign: foreign[w.entities[entity]]}
}

func isGlobal(entity string) bool { return store.WallRules()[entity].Merchant == "" }

func TestWallHasARuleForEveryEntity(t *testing.T) {
	t.Parallel()
	rules, golden, prefixes := store.WallRules(), golden(t), map[string]string{}
	for entity, table := range entities(t) {
		rule, has := rules[entity]
		if !has || golden[entity] == "" || table == "" {
			t.Errorf("%s: rule %v, golden %q, table %q", entity, has, golden[entity], table)
		}
		if prefix := string(rule.Prefix); prefix != "" && prefixes[prefix] != "" {
			t.Errorf("%s and %s share the prefix %s", entity, prefixes[prefix], prefix)
		} else {
			prefixes[prefix] = entity
		}
		if (golden[entity] == "global") != isGlobal(entity) {
			t.Errorf("%s is global: %v", entity, isGlobal(entity))
		}
	}
	if n := len(entities(t)); len(rules) != n || len(golden) != n {
		t.Errorf("%d rules and %d golden rows for %d entities", len(rules), len(golden), n)
	}
}

func TestStaffSeeTheirMerchantAlone(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	ctx := w.staff(t.Context())
	visible := map[string]map[string]bool{}
	for entity := range w.entities {
		visible[entity] = w.ids(entity, w.one, w.other)
	}
	for entity := range w.entities {
		if isGlobal(entity) {
			continue
		}
		one := w.walker(ctx, w.s.Client(), entity, w.alien, w.one, w.other)
		if seen := one.reads(); len(seen) != len(visible[entity]) {
			t.Errorf("%s: sees %d rows of %d", entity, len(seen), len(visible[entity]))
		}
		one.edges(visible)
		report(t, one.leaks)
	}
}

func TestAffiliateSeesItsOwnRowsAlone(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	ctx, golden := w.affiliate(t.Context()), golden(t)
	visible := map[string]map[string]bool{}
	for entity := range w.entities {
		visible[entity] = w.ids(entity, map[string][]family{"all": {w.one, w.other}, "own": {w.one}}[golden[entity]]...)
	}
	for entity := range w.entities {
		if isGlobal(entity) {
			continue
		}
		one := w.walker(ctx, w.s.Client(), entity, w.alien)
		one.allowed = visible[entity]
		if seen := one.reads(); len(seen) != len(visible[entity]) {
			t.Errorf("%s: an affiliate sees %d rows, want %d", entity, len(seen), len(visible[entity]))
		}
		one.edges(visible)
		report(t, one.leaks)
	}
}

func report(t testing.TB, leaks []string) {
	t.Helper()
	for _, leak := range leaks {
		t.Error(leak)
	}
}

func TestGlobalTablesNeedADoor(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for _, entity := range []string{ent.TypeUser, ent.TypeFollower} {
		one := w.walker(w.staff(t.Context()), w.s.Client(), entity, w.one)
		for _, method := range []string{"All", "IDs", "Count", "Exist", "First"} {
			if _, err := call(one.query(), method, one.ctx); err == nil || !strings.Contains(err.Error(), "use a door") {
				t.Errorf("%s.%s: %v", entity, method, err)
			}
		}
	}
}

func TestNobodySeesAnythingWithoutAViewer(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for entity := range w.entities {
		one := w.walker(t.Context(), w.s.Client(), entity, w.one)
		for _, method := range []string{"All", "IDs", "Count", "Exist", "First"} {
			if _, err := call(one.query(), method, one.ctx); problem.CodeOf(err) != problem.Unauthenticated {
				t.Errorf("%s.%s: %v", entity, method, err)
			}
		}
	}
	if err := run(t.Context(), w.s, func(context.Context, *store.Tx) error { return nil }); problem.CodeOf(err) != problem.Unauthenticated {
		t.Errorf("a command: %v", err)
	}
}

// walkWrites tries every entity's foreign row, as the viewer in ctx, inside a
// command of the runner's that is taken back.
func (w *town) walkWrites(runner, ctx context.Context, foreign family, client func(*store.Tx) *ent.Client) (leaks []string, err error) {
	undo, viewer := errors.New("undo"), ctx
	err = run(runner, w.s, func(ctx context.Context, tx *store.Tx) error {
		ctx = withViewerOf(ctx, viewer)
		for entity := range w.entities {
			if isGlobal(entity) {
				continue
			}
			one := w.walker(ctx, client(tx), entity, foreign)
			door := w.walker(ctx, w.s.Unfiltered(), entity, w.one)
			sample, err := call(door.of(), "Get", ctx, door.foreign)
			if err != nil {
				return err
			}
			one.writes(tx, sample[0])
			leaks = append(leaks, one.leaks...)
		}
		return undo
	})
	if errors.Is(err, undo) {
		err = nil
	}
	return leaks, err
}

func TestNobodyChangesAnotherMerchantsRows(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for name, ctx := range map[string]context.Context{"staff": w.staff(t.Context()), "affiliate": w.affiliate(t.Context())} {
		leaks, err := w.walkWrites(ctx, ctx, w.alien, func(tx *store.Tx) *ent.Client { return tx.Ent() })
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		report(t, without(leaks, refusals...))
	}
}

func TestAffiliateChangesNobodyElsesRows(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	ctx := w.affiliate(t.Context())
	leaks, err := w.walkWrites(ctx, ctx, w.other, func(tx *store.Tx) *ent.Client { return tx.Ent() })
	if err != nil {
		t.Fatal(err)
	}
	report(t, without(leaks, refusals...))
}

// refusals are what the wall says before it looks for the row.
var refusals = []string{"an affiliate does not change this", "changes nothing"}

func without(leaks []string, reasons ...string) (rest []string) {
	for _, leak := range leaks {
		if !slices.ContainsFunc(reasons, func(r string) bool { return strings.Contains(leak, r) }) {
			rest = append(rest, leak)
		}
	}
	return rest
}

// The interceptor and the hook are each needed: without one, every entity leaks.
func TestWithoutTheWallEveryEntityLeaks(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	ctx := w.staff(t.Context())
	for entity := range w.entities {
		if isGlobal(entity) {
			continue
		}
		one := w.walker(ctx, w.s.Unfiltered(), entity, w.alien, w.one, w.other)
		if one.reads(); len(one.leaks) < 5 {
			t.Errorf("%s: reading without the interceptor leaks only %v", entity, one.leaks)
		}
	}
	// In the house's own command, where row-level security does not stand behind.
	leaks, err := w.walkWrites(everywhere(t.Context()), ctx, w.alien, func(tx *store.Tx) *ent.Client { return tx.Unfiltered(true, false) })
	if err != nil {
		t.Fatal(err)
	}
	for entity := range w.entities {
		if n := len(without(leaks, entity+": ")); !isGlobal(entity) && n == len(leaks) {
			t.Errorf("%s: writing without the hook leaks nothing", entity)
		}
	}
}

func TestNothingIsWrittenOutsideACommand(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	var inside context.Context
	err := run(w.staff(t.Context()), w.s, func(ctx context.Context, tx *store.Tx) error {
		inside = ctx
		// The client for reading, with the command's own context: the row would
		// be outside the command's transaction.
		return w.s.Client().AffiliateGroup.Create().SetName("aside").Exec(ctx)
	})
	if err == nil || !strings.Contains(err.Error(), "outside a command") {
		t.Errorf("beside the transaction: %v", err)
	}
	for name, ctx := range map[string]context.Context{"outside": w.staff(t.Context()), "with a command's context": inside} {
		for entity := range w.entities {
			one := w.walker(ctx, w.s.Client(), entity, w.one)
			b, _ := call(one.of(), "DeleteOneID", one.foreign)
			if _, err := call(b[0], "Exec", ctx); err == nil || !strings.Contains(err.Error(), "outside a command") {
				t.Errorf("%s %s: %v", entity, name, err)
			}
		}
	}
}
