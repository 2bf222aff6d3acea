package attribution_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/track/attribution"
)

// split is one hand-typed expectation of who shares: "A/c1=1/3 B/c2=2/3", oldest
// first; excluded as in row.
type split struct {
	name     string
	policy   attribution.Policy
	touches  []attribution.Touch
	shares   string
	rule     attribution.Rule
	excluded string
}

func divides(t *testing.T, rows []split) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			d := attribution.Decide(r.policy, attribution.Freeze("cnv_1", sale, r.touches))
			var shares, excluded []string
			for _, s := range d.Shares {
				shares = append(shares, fmt.Sprintf("%s/%s=%d/%d", s.AffiliateID, s.TouchID, s.Num, s.Den))
			}
			for _, e := range d.Excluded {
				excluded = append(excluded, e.TouchID+"="+string(e.Reason))
			}
			if got := strings.Join(shares, " "); got != r.shares || d.Rule != r.rule {
				t.Errorf("%s by %s, want %s by %s", got, d.Rule, r.shares, r.rule)
			}
			if got := strings.Join(excluded, " "); got != r.excluded {
				t.Errorf("excluded %s, want %s", got, r.excluded)
			}
		})
	}
}

func model(m attribution.Model, with ...func(*attribution.Policy)) attribution.Policy {
	return policy(append(with, func(p *attribution.Policy) { p.Model = m })...)
}

func ends(first, last int64) attribution.Policy {
	return model("POSITION", func(p *attribution.Policy) { p.First, p.Last = first, last })
}

func halving(every time.Duration) attribution.Policy {
	return model("TIME_DECAY", func(p *attribution.Policy) { p.HalfLife = every })
}

// walk gives clicks c1, c2 … of A, B, C … at these hours before the sale.
func walk(hours ...int) (touches []attribution.Touch) {
	for i, h := range hours {
		touches = append(touches, click(fmt.Sprintf("c%d", i+1), string(rune('A'+i)), time.Duration(h)*hour))
	}
	return touches
}

func direct(id string, before time.Duration) attribution.Touch {
	return attribution.Touch{ID: id, Kind: attribution.KindDirect, At: sale.Add(-before), Payable: true}
}

func TestD15_D16_OneClickHasAll(t *testing.T) {
	t.Parallel()
	abc := walk(30, 20, 10)
	divides(t, []split{
		{"first", model("FIRST"), abc, "A/c1=1/1", "FIRST_CLICK", "c2=SUPERSEDED c3=SUPERSEDED"},
		{"last", model("LAST"), abc, "C/c3=1/1", "LAST_CLICK", "c1=SUPERSEDED c2=SUPERSEDED"},
		{"last non-direct", model("LAST_NON_DIRECT"), abc, "C/c3=1/1", "LAST_CLICK", "c1=SUPERSEDED c2=SUPERSEDED"},
		{"first, at one instant the earlier id", model("FIRST"), walk(10, 10), "A/c1=1/1", "FIRST_CLICK", "c2=SUPERSEDED"},
		{"last, at one instant the later id", model("LAST"), walk(10, 10), "B/c2=1/1", "LAST_CLICK", "c1=SUPERSEDED"},
		{"first of one", model("FIRST"), walk(10), "A/c1=1/1", "FIRST_CLICK", ""},
		{"first of none", model("FIRST"), nil, "", "NO_TOUCH", ""},
		{"a direct visit takes the last click's place", model("LAST"), append(walk(10), direct("d1", hour)), "", "DIRECT_VISIT", "c1=SUPERSEDED d1=DIRECT_VISIT"},
		{"and is passed over by the other", model("LAST_NON_DIRECT"), append(walk(10), direct("d1", hour)), "A/c1=1/1", "LAST_CLICK", "d1=DIRECT_VISIT"},
		{"a direct visit before the last click does nothing", model("LAST"), append(walk(10), direct("d1", 11*hour)), "A/c1=1/1", "LAST_CLICK", "d1=SUPERSEDED"},
		{"nor does one after a code", model("LAST"), []attribution.Touch{coupon("k1", "A", 0), direct("d1", 0)}, "A/k1=1/1", "FIRST_COUPON", "d1=OUTRANKED"},
		{"shares pass over it too", model("LINEAR"), append(walk(10), direct("d1", hour)), "A/c1=1/1", "LINEAR", "d1=DIRECT_VISIT"},
	})
}

func TestD17_Linear(t *testing.T) {
	t.Parallel()
	divides(t, []split{
		{"none", model("LINEAR"), nil, "", "NO_TOUCH", ""},
		{"one", model("LINEAR"), walk(5), "A/c1=1/1", "LINEAR", ""},
		{"three", model("LINEAR"), walk(30, 20, 10), "A/c1=1/3 B/c2=1/3 C/c3=1/3", "LINEAR", ""},
		{"at one instant", model("LINEAR"), walk(10, 10), "A/c1=1/2 B/c2=1/2", "LINEAR", ""},
		{"who came twice has two shares", model("LINEAR"), []attribution.Touch{click("c1", "A", 3*hour), click("c2", "B", 2*hour), click("c3", "A", hour)},
			"A/c1=1/3 B/c2=1/3 A/c3=1/3", "LINEAR", ""},
		{"a code comes first and shares with nobody", model("LINEAR"), append(walk(20, 10), coupon("k1", "C", 0)), "C/k1=1/1", "FIRST_COUPON", "c1=OUTRANKED c2=OUTRANKED"},
		{"clicks first, shared, and the code has nothing", model("LINEAR", precedence("CLICK", "COUPON")), append(walk(20, 10), coupon("k1", "C", 0)),
			"A/c1=1/2 B/c2=1/2", "LINEAR", "k1=OUTRANKED"},
	})
}

func TestD17_Q45_AnInactiveAffiliatesShareGoesToTheOthers(t *testing.T) {
	t.Parallel()
	touches := []attribution.Touch{click("c1", "A", 4*hour), click("c2", "B", 3*hour, status("SUSPENDED")), click("c3", "C", 2*hour), click("c4", "D", hour, status("REJECTED"))}
	divides(t, []split{
		{"linear", model("LINEAR"), touches, "A/c1=1/2 C/c3=1/2", "LINEAR", "c2=AFFILIATE_SUSPENDED c4=AFFILIATE_REJECTED"},
		{"nobody is left", model("LINEAR"), touches[1:2], "", "NO_ELIGIBLE_TOUCH", "c2=AFFILIATE_SUSPENDED"},
	})
}

func TestD17_Position(t *testing.T) {
	t.Parallel()
	// Middles share 100 − first − last. With n clicks the parts are first × (n−2),
	// the middle's percentage for each between, and last × (n−2).
	divides(t, []split{
		{"one has all", ends(40, 40), walk(5), "A/c1=1/1", "POSITION", ""},
		{"two: 40 to 40", ends(40, 40), walk(20, 10), "A/c1=1/2 B/c2=1/2", "POSITION", ""},
		{"two: 60 to 20", ends(60, 20), walk(20, 10), "A/c1=3/4 B/c2=1/4", "POSITION", ""},
		{"three: 40, 20, 40", ends(40, 40), walk(30, 20, 10), "A/c1=2/5 B/c2=1/5 C/c3=2/5", "POSITION", ""},
		{"four: 80, 20, 20, 80 of 200", ends(40, 40), walk(40, 30, 20, 10), "A/c1=4/10 B/c2=1/10 C/c3=1/10 D/c4=4/10", "POSITION", ""},
		{"five: 150, 30, 30, 30, 60 of 300", ends(50, 20), walk(50, 40, 30, 20, 10), "A/c1=5/10 B/c2=1/10 C/c3=1/10 D/c4=1/10 E/c5=2/10", "POSITION", ""},
		{"all to the first", ends(100, 0), walk(30, 20, 10), "A/c1=1/1", "POSITION", "c2=NO_WEIGHT c3=NO_WEIGHT"},
		{"nothing to the first", ends(0, 60), walk(30, 20, 10), "B/c2=2/5 C/c3=3/5", "POSITION", "c1=NO_WEIGHT"},
		{"nothing to the first of two", ends(0, 60), walk(20, 10), "B/c2=1/1", "POSITION", "c1=NO_WEIGHT"},
	})
}

func TestD17_TimeDecay(t *testing.T) {
	t.Parallel()
	// The last weighs 2^30 = 1 073 741 824, one half-life older half of it.
	divides(t, []split{
		{"one has all", halving(24 * hour), walk(700), "A/c1=1/1", "TIME_DECAY", ""},
		{"1 : 2 : 4", halving(24 * hour), walk(48, 24, 0), "A/c1=1/7 B/c2=2/7 C/c3=4/7", "TIME_DECAY", ""},
		{"the same whenever the sale is", halving(24 * hour), walk(58, 34, 10), "A/c1=1/7 B/c2=2/7 C/c3=4/7", "TIME_DECAY", ""},
		{"at one instant", halving(24 * hour), walk(10, 10), "A/c1=1/2 B/c2=1/2", "TIME_DECAY", ""},
		// 2^30 × 0.70710678118654752 = 759 250 124.99, cut; both are divisible by 4.
		{"half a half-life", halving(24 * hour), walk(12, 0), "A/c1=189812531/458247987 B/c2=268435456/458247987", "TIME_DECAY", ""},
		// 2^30 × 0.84089641525371454 = 902 905 650.71, cut; both are divisible by 2.
		{"a quarter", halving(24 * hour), walk(6, 0), "A/c1=451452825/988323737 B/c2=536870912/988323737", "TIME_DECAY", ""},
		{"thirty half-lives weigh 1", halving(hour), walk(30, 0), "A/c1=1/1073741825 B/c2=1073741824/1073741825", "TIME_DECAY", ""},
		{"thirty-one nothing", halving(hour), walk(31, 0), "B/c2=1/1", "TIME_DECAY", "c1=NO_WEIGHT"},
	})
}

func TestQ41_EveryModelKeepsTheWindow(t *testing.T) {
	t.Parallel()
	const edge = 720 * hour // 30 days
	for _, c := range []struct {
		policy     attribution.Policy
		in, out    string
		rule       attribution.Rule
		superseded string
	}{
		{model("FIRST"), "A/c1=1/1", "B/c2=1/1", "FIRST_CLICK", "c2=SUPERSEDED"},
		{model("LAST"), "B/c2=1/1", "B/c2=1/1", "LAST_CLICK", "c1=SUPERSEDED"},
		{model("LAST_NON_DIRECT"), "B/c2=1/1", "B/c2=1/1", "LAST_CLICK", "c1=SUPERSEDED"},
		{model("LINEAR"), "A/c1=1/2 B/c2=1/2", "B/c2=1/1", "LINEAR", ""},
		{ends(75, 25), "A/c1=3/4 B/c2=1/4", "B/c2=1/1", "POSITION", ""},
	} {
		name := string(c.policy.Model)
		divides(t, []split{
			{name + " 1 ms before the end", c.policy, []attribution.Touch{click("c1", "A", edge-time.Millisecond), click("c2", "B", hour)}, c.in, c.rule, c.superseded},
			{name + " at the end", c.policy, []attribution.Touch{click("c1", "A", edge), click("c2", "B", hour)}, c.out, c.rule, "c1=WINDOW_EXPIRED"},
			{name + " 1 ms after the end", c.policy, []attribution.Touch{click("c1", "A", edge+time.Millisecond), click("c2", "B", hour)}, c.out, c.rule, "c1=WINDOW_EXPIRED"},
			{name + " 1 ms after the sale", c.policy, []attribution.Touch{click("c2", "B", hour), click("c3", "A", -time.Millisecond)}, c.out, c.rule, "c3=AFTER_CONVERSION"},
		})
	}
	// 2 half-lives of 359 h lie between 719 h and 1 h: 1 to 4.
	divides(t, []split{
		{"TIME_DECAY inside", halving(359 * hour), walk(719, 1), "A/c1=1/5 B/c2=4/5", "TIME_DECAY", ""},
		{"TIME_DECAY at the end", halving(359 * hour), walk(720, 1), "B/c2=1/1", "TIME_DECAY", "c1=WINDOW_EXPIRED"},
	})
}

func TestQ42_ASecondClickDoesNotProlongTheFirst(t *testing.T) {
	t.Parallel()
	// A's first click is expired; its second is younger than B's, so B was first.
	touches := []attribution.Touch{click("c1", "A", 721*hour), click("c2", "B", 20*hour), click("c3", "A", 5*hour)}
	divides(t, []split{{"first", model("FIRST"), touches, "B/c2=1/1", "FIRST_CLICK", "c1=WINDOW_EXPIRED c3=SUPERSEDED"}})
}

func TestD14_AnAffiliatesOwnWindow(t *testing.T) {
	t.Parallel()
	own := func(d time.Duration) attribution.Policy {
		return model("LINEAR", func(p *attribution.Policy) { p.Overrides = []attribution.Override{{AffiliateID: "A", Window: d}} })
	}
	divides(t, []split{
		{"longer", own(1000 * hour), walk(999, 10), "A/c1=1/2 B/c2=1/2", "LINEAR", ""},
		{"shorter", own(9 * hour), walk(10, 10), "B/c2=1/1", "LINEAR", "c1=WINDOW_EXPIRED"},
		{"the one in force at the touch stays", own(9 * hour), []attribution.Touch{click("c1", "A", 10*hour, ownWindow(11*hour))}, "A/c1=1/1", "LINEAR", ""},
	})
}

func bound(id, affiliate string, before time.Duration) attribution.Touch {
	return click(id, affiliate, before, func(t *attribution.Touch) { t.Kind, t.LinkID = attribution.KindBinding, "" })
}

func TestQ34_LifetimeAgainstANewClick(t *testing.T) {
	t.Parallel()
	lifetime := func(l attribution.Lifetime, d time.Duration) attribution.Policy {
		return model("LINEAR", func(p *attribution.Policy) { p.Lifetime, p.LifetimeFor = l, d })
	}
	years := 20_000 * hour
	touches := []attribution.Touch{bound("cnv_0", "A", years), click("c1", "B", hour)}
	divides(t, []split{
		{"none", lifetime("", 0), touches, "B/c1=1/1", "LINEAR", "cnv_0=KIND_NOT_CREDITED"},
		{"first binds for good", lifetime("FIRST", 0), touches, "A/cnv_0=1/1", "LIFETIME", "c1=OUTRANKED"},
		{"last gives way to a click", lifetime("LAST", 0), touches, "B/c1=1/1", "LINEAR", "cnv_0=OUTRANKED"},
		{"last binds where nothing else is", lifetime("LAST", 0), touches[:1], "A/cnv_0=1/1", "LIFETIME", ""},
		{"until expiry, 1 ms before", lifetime("UNTIL_EXPIRY", years+time.Millisecond), touches, "A/cnv_0=1/1", "LIFETIME", "c1=OUTRANKED"},
		{"until expiry, at its end", lifetime("UNTIL_EXPIRY", years), touches, "B/c1=1/1", "LINEAR", "cnv_0=WINDOW_EXPIRED"},
		{"a bound affiliate who is suspended gives way", lifetime("FIRST", 0),
			[]attribution.Touch{apply(bound("cnv_0", "A", hour), []func(*attribution.Touch){status("SUSPENDED")}), click("c1", "B", hour)}, "B/c1=1/1", "LINEAR", "cnv_0=AFFILIATE_SUSPENDED"},
	})
}

func TestD21_APersonsDecisionComesBeforeAll(t *testing.T) {
	t.Parallel()
	manual := attribution.Touch{ID: "manual", Kind: attribution.KindManual, AffiliateID: "Z", At: sale, Payable: true}
	part := func(id, affiliate string, parts int) attribution.Touch {
		return attribution.Touch{ID: id, Kind: attribution.KindManual, AffiliateID: affiliate, At: sale, Payable: true, Position: parts, AffiliateStatus: "SUSPENDED"}
	}
	binds := model("LINEAR")
	binds.Lifetime = attribution.LifetimeFirst
	divides(t, []split{
		{"before code and click", model("LINEAR"), []attribution.Touch{click("c1", "A", hour), coupon("k1", "B", 0), manual}, "Z/manual=1/1", "MANUAL", "c1=OUTRANKED k1=OUTRANKED"},
		{"shared by parts", model("LAST"), []attribution.Touch{click("c1", "A", hour), part("m1", "Y", 2), part("m2", "Z", 4)}, "Y/m1=1/3 Z/m2=2/3", "MANUAL", "c1=OUTRANKED"},
		{"before what binds", binds, []attribution.Touch{bound("cnv_0", "A", hour), part("m1", "Y", 1)}, "Y/m1=1/1", "MANUAL", "cnv_0=OUTRANKED"},
	})
}

func TestD17_MoreThanAHundredTouches(t *testing.T) {
	t.Parallel()
	var touches []attribution.Touch
	for i := range 150 { // 50 of each of three
		touches = append(touches, click(fmt.Sprintf("c%03d", i), string(rune('A'+i%3)), time.Duration(i+1)*hour))
	}
	for _, p := range []attribution.Policy{model("LINEAR"), ends(40, 40), halving(168 * hour)} {
		d := attribution.Decide(p, attribution.Freeze("cnv_1", sale, touches))
		var sum int64
		for _, s := range d.Shares {
			sum += s.Num
		}
		if len(d.Shares) != 150 || sum != d.Shares[0].Den || len(d.Parties()) != 3 {
			t.Errorf("%s: %d shares, %d of %d", p.Model, len(d.Shares), sum, d.Shares[0].Den)
		}
	}
}

func TestTheLargestShareLeads(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		touches []attribution.Touch
		lead    string
		parties string
	}{
		{"of equals the last", walk(20, 10), "B/c2", "[{B 1} {A 1}]"},
		{"two against one", []attribution.Touch{click("c1", "A", 3*hour), click("c2", "A", 2*hour), click("c3", "B", hour)}, "A/c2", "[{A 2} {B 1}]"},
	} {
		d := attribution.Decide(model("LINEAR"), attribution.Freeze("cnv_1", sale, c.touches))
		if lead := d.AffiliateID + "/" + d.TouchID; lead != c.lead || fmt.Sprint(d.Parties()) != c.parties {
			t.Errorf("%s: %s leads %v, want %s, %s", c.name, lead, d.Parties(), c.lead, c.parties)
		}
	}
}
