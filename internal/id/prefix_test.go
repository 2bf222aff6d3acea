package id_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/id"
)

func TestPrefixesAreDistinctAndParse(t *testing.T) {
	t.Parallel()
	const published = "mer usr mem ses tok hst prg aff grp enr lnk cpn clk tch cus cnv lin rfn atp att " +
		"pln plv com acc ltx ent chk llk fxr pmt pay pbt evt int rcp aud idk tly otc opn dsp dsc sim sdf saf whe whd wha mrg cld tnt oal fmp syf syi syt rec rol rsc prv brd"
	all := []id.Prefix{
		id.Merchant, id.User, id.Membership, id.Session, id.Token, id.Host, id.Program, id.Affiliate,
		id.Group, id.Enrollment, id.Link, id.Coupon, id.Click, id.Touch, id.Customer, id.Conversion,
		id.Line, id.Refund, id.Policy, id.Attribution, id.Plan, id.PlanVersion, id.Commission,
		id.Account, id.Transaction, id.Entry, id.Checkpoint, id.LedgerLock, id.ExchangeRate, id.PayoutMethod, id.Payout, id.Batch,
		id.Event, id.Integration, id.Receipt, id.Audit, id.Idempotency, id.Tally, id.Code, id.Operation, id.Dispute, id.Comment, id.Simulation, id.Difference, id.Simulated, id.Endpoint, id.Delivery, id.Attempt, id.Merge, id.ClickDay, id.TermsNotice, id.OrderAlias, id.FieldMap, id.Feed, id.Item, id.Transfer, id.Reconciled, id.Rollup, id.RollupSource, id.Provenance, id.Brand,
	}
	want := strings.Fields(published)
	if len(all) != len(want) {
		t.Fatalf("%d prefixes, want %d", len(all), len(want))
	}
	seen := map[id.Prefix]bool{}
	for i, p := range all {
		if string(p) != want[i] || seen[p] {
			t.Errorf("prefix %d is %q (repeated: %v), want %q", i, p, seen[p], want[i])
		}
		seen[p] = true
		if got, _, err := id.Parse(id.New(p, time.UnixMilli(1))); err != nil || got != p {
			t.Errorf("an id of %q parses as %q, %v", p, got, err)
		}
	}
}
