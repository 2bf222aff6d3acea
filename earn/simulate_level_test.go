package earn_test

import (
	"testing"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan"
)

// of is what a market's plan would be.
func (m *market) other(rules ...plan.Rule) earn.PlanActivateInput {
	m.t.Helper()
	return earn.PlanActivateInput{PlanID: m.plan(), Rules: rules}
}

// What uplines have follows what their sellers would have, and other terms of levels
// count for what is left of each sale, refunds and edits included.
func TestN12_C20_C22_LevelsAreComputedAgain(t *testing.T) {
	t.Parallel()
	m := open(t)
	who := m.chain(4)
	m.leveled(of("5 sale, 20 lower"), percent("10"))
	o := m.sale("1001", m.clicked(who[0]), "USD", 10_000)
	first := m.accept(o).ConversionID
	m.refund(o, "r1", 2500)
	second := m.accept(m.sale("1002", m.clicked(who[0]), "USD", 4_000)).ConversionID
	m.shows("as it is", first, who, "0@1=750, 1@2=375, 2@3=75")
	// 12 % of 100.00 is 12.00, 6 % 6.00, half of that 3.00, and 22 % 22.00 less 21.00
	// below it; three quarters of each are left. Of 40.00 it is 4.80, 2.40, 1.20, 0.40.
	other := m.other(percent("12"))
	other.Levels = of("6 sale, 50 lower, 22 net")
	sim := m.simulate(earn.PlanSimulateInput{Terms: &other})
	m.spells(sim, "MORE 1000/750 → 1200/900", "MORE 500/375 → 600/450", "MORE 100/75 → 300/225", "BEGINS 0/0 → 100/75",
		"MORE 400/400 → 480/480", "MORE 200/200 → 240/240", "MORE 40/40 → 120/120", "BEGINS 0/0 → 40/40")
	sim = m.apply(sim)
	m.shows("applied", first, who, "0@1=900, 1@2=450, 2@3=225, 3@4=75")
	m.shows("applied", second, who, "0@1=480, 1@2=240, 2@3=120, 3@4=40")
	m.books("the fourth", who[3], "USD", 115, 0)
	m.spells(m.simulate(earn.PlanSimulateInput{PlanVersionID: *sim.PlanVersionID}))
	// 150.00 are left: 18.00, 9.00, 4.50, and 33.00 less 31.50 is 1.50.
	o.Lines[0].Amount.Minor, o.Total.Minor = 17_500, 17_500
	m.accept(o)
	m.shows("edited", first, who, "0@1=1200, 1@2=600, 2@3=300, 3@4=100, 0@101=600, 1@102=300, 2@103=150, 3@104=50")
	m.spells(m.simulate(earn.PlanSimulateInput{PlanVersionID: *sim.PlanVersionID}))
	// 10 % of 100.00 as it was sold is 10.00, and of 150.00 5.00 more.
	ten := m.other(percent("12"))
	ten.Levels = of("10 sale")
	m.spells(m.simulate(earn.PlanSimulateInput{Terms: &ten}),
		"MORE 600/600 → 1000/1000", "MORE 300/300 → 500/500", "ENDS 300/300 → 0/0", "ENDS 100/100 → 0/0", "ENDS 150/150 → 0/0", "ENDS 50/50 → 0/0",
		"MORE 240/240 → 400/400", "ENDS 120/120 → 0/0", "ENDS 40/40 → 0/0")
	// without levels, 12 % as it is
	none := m.other(percent("12"))
	m.spells(m.simulate(earn.PlanSimulateInput{Terms: &none}), "ENDS 600/600 → 0/0", "ENDS 300/300 → 0/0", "ENDS 100/100 → 0/0", "ENDS 300/300 → 0/0", "ENDS 150/150 → 0/0", "ENDS 50/50 → 0/0",
		"ENDS 240/240 → 0/0", "ENDS 120/120 → 0/0", "ENDS 40/40 → 0/0")
	m.refund(o, "r2", 15_000)
	m.shows("all given back", first, who, "0@1=0 reversed, 1@2=0 reversed, 2@3=0 reversed, 3@4=0 reversed, 0@101=0 reversed, 1@102=0 reversed, 2@103=0 reversed, 3@104=0 reversed")
}

// Who was above nobody looked at when the terms had no levels is read when it is simulated.
func TestN12_C20_LevelsWhereThereWereNone(t *testing.T) {
	t.Parallel()
	m := open(t)
	who := m.chain(3)
	m.terms(percent("10"))
	o := m.sale("1001", m.clicked(who[0]), "USD", 10_000)
	first := m.accept(o).ConversionID
	other := m.other(percent("10"))
	other.Levels = of("5 sale, 20 lower")
	sim := m.simulate(earn.PlanSimulateInput{Terms: &other})
	m.spells(sim, "BEGINS 0/0 → 500/500", "BEGINS 0/0 → 100/100")
	m.apply(sim)
	m.shows("applied", first, who, "0@1=1000, 1@2=500, 2@3=100")
	m.books("the second", who[1], "USD", 500, 0)
	o.Lines[0].Amount.Minor, o.Total.Minor = 12_000, 12_000
	m.accept(o)
	m.shows("edited", first, who, "0@1=1000, 1@2=500, 2@3=100, 0@101=200, 1@102=100, 2@103=20")
}
