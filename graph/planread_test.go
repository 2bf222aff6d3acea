package graph

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/graph/model"
)

// What the API shows of a version's terms: everything that makes them.
const readTerms = `mutation($in: CommissionPlanActivateInput!) { commissionPlanActivate(input: $in) { userErrors { message field code } version { id
	precedence holdDays holdFrom autoApprove reanchor marginPercent earlierClicks graceDays recovery recoveryDays
	base { tax shipping discount giftCards } refundPolicy { kind percent }
	caps { scope period amount { amount currency } over }
	clicks { level targetId amount { amount currency } repeats unidentified maxPerDay }
	bonuses { name kind amount { amount currency } metric period count goal { amount currency } every keep firstSale }
	levels { terms { mode percent } andAbove onInactive onUnqualified maxPercent cut qualification { days sales amount { amount currency } } }
	rules { level targetId kind percent fixed { amount currency } payOnZero from until dayParts { days fromMinute untilMinute }
		minPerLine { amount currency } maxPerLine { amount currency } minPerOrder { amount currency } maxPerOrder { amount currency }
		tiers { metric mode period counts steps { count amount { amount currency } percent fixed { amount currency } } }
		when { ...c all { ...d } not { ...d } any { ...d } } }
} } }
fragment d on PlanCondition { ...c all { ...c } not { ...c } any { ...c } }
fragment c on PlanCondition { productIds skus couponCodes affiliateIds groupIds buyers kinds subIds { name values }
	orderAtLeast { amount currency } orderBelow { amount currency } payments { from until } months { from until }
	countries devices channels categories fields { of name kind compare values } }`

// asTerms turns what is read back into what is put into force.
func asTerms(read map[string]any) map[string]any {
	if read["graceDays"].(float64) > 0 {
		read["earlierClicks"] = map[string]any{"kind": read["earlierClicks"], "graceDays": read["graceDays"]}
	} else {
		read["earlierClicks"] = map[string]any{"kind": read["earlierClicks"]}
	}
	recovery := map[string]any{"kind": read["recovery"]}
	if read["recoveryDays"].(float64) > 0 {
		recovery["days"] = read["recoveryDays"]
	}
	read["recovery"] = recovery
	delete(read, "id")
	delete(read, "graceDays")
	delete(read, "recoveryDays")
	return read
}

// written puts terms into force and gives what is read of the version, and its bytes
// without what tells versions apart.
func (p *planner) written(terms map[string]any) (read map[string]any, document []byte, recovery string) {
	p.Helper()
	var made struct {
		CommissionPlanCreate struct{ Plan struct{ ID string } }
	}
	p.ask(`mutation($in: CommissionPlanCreateInput!) { commissionPlanCreate(input: $in) { plan { id } } }`, map[string]any{"programId": p.program, "name": "Terms"}, &made)
	terms["planId"] = made.CommissionPlanCreate.Plan.ID
	terms["acceptFindings"] = model.AllPlanFindingCode
	var active struct {
		CommissionPlanActivate struct {
			UserErrors []any
			Version    map[string]any
		}
	}
	if p.ask(readTerms, terms, &active); len(active.CommissionPlanActivate.UserErrors) > 0 {
		p.Fatal(active, terms)
	}
	row, err := p.store.Client().PlanVersion.Get(p.ctx, active.CommissionPlanActivate.Version["id"].(string))
	p.must(err)
	v, err := plan.DecodeVersion(row.Document)
	p.must(err)
	v.ID, v.Number, v.Recurred = "", 0, false
	return active.CommissionPlanActivate.Version, v.Encode(), string(row.Recovery) + string(rune('0'+row.RecoveryDays))
}

// Whatever terms say can be read back in full: the terms of every golden row, and some
// that say everything there is, are read and put into force again, and are the same
// bytes.
func TestN32_TermsAreReadBackInFull(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/plans.golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows []goldenPlan
	if err := json.Unmarshal(text, &rows); err != nil {
		t.Fatal(err)
	}
	everything, err := os.ReadFile("testdata/terms.everything.json")
	if err != nil {
		t.Fatal(err)
	}
	rows = append([]goldenPlan{{Name: "everything", Terms: everything}}, rows...)
	p := openPlanner(t)
	differ := map[string]bool{}
	for _, row := range rows {
		read, first, carried := p.written(p.named(row.Terms))
		_, second, again := p.written(asTerms(read))
		if !bytes.Equal(first, second) || carried != again {
			t.Errorf("%s is read back as other terms:\n%q\n%q %s %s", row.Name, first, second, carried, again)
		}
		differ[string(first)] = true
	}
	if len(differ) < len(rows)/3 {
		t.Errorf("only %d terms differ of %d", len(differ), len(rows))
	}
}
