package earn_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/dispute"
	"github.com/tributary/tributary/ent/disputecomment"
	"github.com/tributary/tributary/ent/program"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/roster"
)

// claims opens a dispute on a missing order of now as the affiliate itself.
func (m *market) claims(who, order string, amount int64) string {
	m.t.Helper()
	out, err := m.DisputeOpen(m.asAffiliate(who), earn.DisputeOpenInput{
		ProgramID: m.program, OrderExternalID: order, OccurredAt: m.clock.Now(), Amount: money.Of(amount, "USD"), Evidence: "I sent the buyer", Links: []string{"https://proof.example/1"},
	})
	m.must(err)
	return out.DisputeID
}

func (m *market) dispute(id string) *ent.Dispute {
	m.t.Helper()
	d, err := m.store.Client().Dispute.Get(m.ctx, id)
	m.must(err)
	return d
}

// settings are the program's.
func (m *market) settings(days, answerDays int, overdue program.DisputeOverdue) {
	m.t.Helper()
	_, err := m.roster.ProgramUpdate(m.ctx, roster.ProgramUpdateInput{ID: m.program, Disputes: roster.DisputeRules{Days: &days, AnswerDays: &answerDays, Overdue: &overdue}})
	m.must(err)
}

// A claim on an order that another was credited for: what the platform knows is
// attached, but not whose credit it is; accepted, the credit moves at once.
func TestN30_E09_AClaimOnAnothersSaleIsGranted(t *testing.T) {
	t.Parallel()
	m, ada := hired(t, percent("10"))
	bob := m.affiliate("bob")
	sold := m.accept(m.sale("1", m.clicked(ada), "USD", 5000))
	id := m.claims(bob, "1", 5000)
	d := m.dispute(id)
	if d.Status != dispute.StatusOPEN || d.Kind != dispute.KindMISSING || !d.AnswerDueAt.Equal(m.clock.Now().AddDate(0, 0, 30)) {
		t.Errorf("%+v", d)
	}
	if d.Trace["order"] != "KNOWN" || strings.Contains(fmt.Sprint(d.Trace), ada) || strings.Contains(fmt.Sprint(d.Trace), "touch ") || !strings.Contains(d.StaffTrace["credit"], ada) || d.StaffTrace["conversion"] != sold.ConversionID {
		t.Errorf("own %v, staff %v", d.Trace, d.StaffTrace)
	}
	_, err := m.DisputeComment(m.ctx, earn.DisputeCommentInput{ID: id, Text: "We look into it."})
	m.must(err)
	_, err = m.DisputeComment(m.asAffiliate(bob), earn.DisputeCommentInput{ID: id, Text: "Thank you."})
	m.must(err)
	_, err = m.DisputeComment(m.asAffiliate(ada), earn.DisputeCommentInput{ID: id, Text: "Not his."})
	m.refuses(err, problem.NotFound, "id")
	m.clock.Advance(time.Hour)
	_, err = m.DisputeAccept(m.ctx, earn.DisputeAcceptInput{ID: id, Reason: "his visit", Effect: dispute.EffectREATTRIBUTE})
	m.must(err)
	m.books("bob has it", bob, "USD", 500, 0)
	m.books("ada has it no more", ada, "USD", 0, 0)
	d = m.dispute(id)
	if d.Status != dispute.StatusACCEPTED || d.OutcomeID != sold.ConversionID || d.AnsweredAt == nil || *d.Effect != dispute.EffectREATTRIBUTE || d.Outcome != "his visit" {
		t.Errorf("%+v", d)
	}
	sides := m.store.Client().DisputeComment.Query().Where(disputecomment.DisputeID(id)).Order(ent.Asc("id")).AllX(m.ctx)
	if len(sides) != 2 || sides[0].Side != "MERCHANT" || sides[1].Side != "AFFILIATE" {
		t.Errorf("%+v", sides)
	}
	want := []string{"dispute.opened", "dispute.answered", "dispute.commented", "dispute.accepted"}
	if got := m.said(id); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("events %v", got)
	}
	_, err = m.DisputeDecline(m.ctx, earn.DisputeDeclineInput{ID: id, Reason: "no"})
	m.refuses(err, problem.State, "id")
	m.sound()
}

// A sale nobody told of is recorded as claimed, and the shop's own word later finds it.
func TestN30_E09_AMissingSaleIsRecorded(t *testing.T) {
	t.Parallel()
	m, ada := hired(t, percent("10"))
	id := m.claims(ada, "77", 5000)
	if got := m.dispute(id).Trace["order"]; got != "UNKNOWN" {
		t.Error(got)
	}
	half := money.Of(4000, "USD")
	_, err := m.DisputeAccept(m.ctx, earn.DisputeAcceptInput{ID: id, Reason: "found it", Effect: dispute.EffectRECORD, Amount: &half})
	m.must(err)
	m.books("4000 × 10 %", ada, "USD", 400, 0)
	later := m.sale("77", "", "USD", 4000)
	again := m.accept(later)
	if again.Created || again.ConversionID != m.dispute(id).OutcomeID {
		t.Errorf("%+v", again)
	}
	m.books("once", ada, "USD", 400, 0)
	second := m.claims(ada, "77", 5000)
	_, err = m.DisputeAccept(m.ctx, earn.DisputeAcceptInput{ID: second, Reason: "again", Effect: dispute.EffectRECORD})
	m.refuses(err, problem.State, "effect")
	_, err = m.DisputeAccept(m.ctx, earn.DisputeAcceptInput{ID: second, Reason: "again", Effect: dispute.EffectCREDIT})
	m.refuses(err, problem.Invalid, "amount")
	credit := money.Of(123, "USD")
	_, err = m.DisputeAccept(m.ctx, earn.DisputeAcceptInput{ID: second, Reason: "for the trouble", Effect: dispute.EffectCREDIT, Amount: &credit})
	m.must(err)
	m.books("and 1.23 by hand", ada, "USD", 400, 123)
	c := m.store.Client().Commission.GetX(m.ctx, m.dispute(second).OutcomeID)
	if *c.ReasonCode != "DISPUTE" || c.Reason != "for the trouble" {
		t.Errorf("%+v", c)
	}
	m.sound()
}

// A refused effect leaves nothing half-written: the dispute is open as before.
func TestN30_AnEffectThatIsRefusedDecidesNothing(t *testing.T) {
	t.Parallel()
	m, ada := hired(t, percent("10"))
	bob := m.affiliate("bob")
	m.accept(m.sale("1", m.clicked(ada), "USD", 5000))
	id := m.claims(bob, "1", 5000)
	m.suspend(bob)
	_, err := m.DisputeAccept(m.ctx, earn.DisputeAcceptInput{ID: id, Reason: "his", Effect: dispute.EffectREATTRIBUTE})
	m.refuses(err, problem.State, "affiliateId")
	if d := m.dispute(id); d.Status != dispute.StatusOPEN || d.DecidedAt != nil {
		t.Errorf("%+v", d)
	}
	m.books("as it was", ada, "USD", 500, 0)
}

func TestE09_WhoMayClaimWhatAndUntilWhen(t *testing.T) {
	t.Parallel()
	m, ada := hired(t, percent("10"))
	bob := m.affiliate("bob")
	sold := m.accept(m.sale("1", m.clicked(ada), "USD", 5000))
	m.settings(10, 3, program.DisputeOverdueESCALATE)
	wrong := func(who string) earn.DisputeOpenInput {
		return earn.DisputeOpenInput{ProgramID: m.program, ConversionID: sold.ConversionID, Evidence: "it was more", AffiliateID: who}
	}
	_, err := m.DisputeOpen(m.asAffiliate(bob), wrong(""))
	m.refuses(err, problem.NotFound, "conversionId")
	_, err = m.DisputeOpen(m.asAffiliate(bob), wrong(ada))
	m.refuses(err, problem.NotFound, "affiliateId")
	m.clock.Advance(10*24*time.Hour + time.Second)
	_, err = m.DisputeOpen(m.asAffiliate(ada), wrong(""))
	m.refuses(err, problem.State, "occurredAt")
	m.clock.Advance(-time.Second)
	out, err := m.DisputeOpen(m.asAffiliate(ada), wrong(""))
	m.must(err)
	if d := m.dispute(out.DisputeID); d.AmountMinor != 5000 || !strings.Contains(fmt.Sprint(d.Trace), "5.00 USD") || !d.AnswerDueAt.Equal(m.clock.Now().AddDate(0, 0, 3)) {
		t.Errorf("%+v", d)
	}
	_, err = m.DisputeOpen(m.asAffiliate(ada), wrong(""))
	m.refuses(err, problem.Conflict, "conversionId")
	_, err = m.DisputeWithdraw(m.asAffiliate(bob), out.DisputeID)
	m.refuses(err, problem.NotFound, "id")
	_, err = m.DisputeWithdraw(m.asAffiliate(ada), out.DisputeID)
	m.must(err)
	_, err = m.DisputeOpen(m.asAffiliate(ada), wrong(""))
	m.must(err)
	for field, spoil := range map[string]func(*earn.DisputeOpenInput){
		"evidence": func(in *earn.DisputeOpenInput) { in.Evidence = " " },
		"links":    func(in *earn.DisputeOpenInput) { in.Links = []string{"javascript:alert(1)"} },
		"clickId": func(in *earn.DisputeOpenInput) {
			in.ConversionID, in.OrderExternalID, in.OccurredAt, in.Amount, in.ClickID = "", "9", m.clock.Now(), money.Of(1, "USD"), "clk_none"
		},
		"orderExternalId": func(in *earn.DisputeOpenInput) { in.ConversionID = "" },
	} {
		in := wrong("")
		spoil(&in)
		_, err := m.DisputeOpen(m.asAffiliate(ada), in)
		if p, ok := problem.As(err); !ok || strings.Join(p.Field, ".") != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// The deadline decides by itself, once, as the program says; what it cannot do is told
// to somebody.
func TestN30_TheDeadlineDecidesOnce(t *testing.T) {
	t.Parallel()
	for then, want := range map[program.DisputeOverdue]struct {
		known, unknown dispute.Status
		told           string
		bob            int64
	}{
		program.DisputeOverdueACCEPT:   {dispute.StatusACCEPTED, dispute.StatusACCEPTED, "dispute.accepted", 500 + 300},
		program.DisputeOverdueDECLINE:  {dispute.StatusDECLINED, dispute.StatusDECLINED, "dispute.declined", 0},
		program.DisputeOverdueESCALATE: {dispute.StatusOPEN, dispute.StatusOPEN, "dispute.escalated", 0},
	} {
		t.Run(string(then), func(t *testing.T) {
			t.Parallel()
			m, ada := hired(t, percent("10"))
			bob := m.affiliate("bob")
			m.settings(60, 5, then)
			m.accept(m.sale("1", m.clicked(ada), "USD", 5000))
			known, unknown := m.claims(bob, "1", 5000), m.claims(bob, "2", 3000)
			m.clock.Advance(5*24*time.Hour - time.Second)
			m.decides(0)
			m.clock.Advance(time.Second)
			m.decides(2)
			m.decides(0)
			for id, status := range map[string]dispute.Status{known: want.known, unknown: want.unknown} {
				if d := m.dispute(id); d.Status != status || d.Automatic == (then == program.DisputeOverdueESCALATE) {
					t.Errorf("%+v", d)
				}
				if got := m.said(id); fmt.Sprint(got) != fmt.Sprint([]string{"dispute.opened", want.told}) {
					t.Errorf("events %v", got)
				}
			}
			m.books(string(then), bob, "USD", want.bob, 0)
		})
	}
	t.Run("what cannot be accepted is escalated", func(t *testing.T) {
		t.Parallel()
		m, ada := hired(t, percent("10"))
		m.settings(60, 5, program.DisputeOverdueACCEPT)
		sold := m.accept(m.sale("1", m.clicked(ada), "USD", 5000))
		out, err := m.DisputeOpen(m.asAffiliate(ada), earn.DisputeOpenInput{ProgramID: m.program, ConversionID: sold.ConversionID, Evidence: "it was more"})
		m.must(err)
		m.clock.Advance(6 * 24 * time.Hour)
		m.decides(1)
		m.decides(0)
		if d := m.dispute(out.DisputeID); d.Status != dispute.StatusOPEN || d.EscalatedAt == nil || d.Effect != nil {
			t.Errorf("%+v", d)
		}
	})
}

func (m *market) decides(want int) {
	m.t.Helper()
	if n, err := m.DecideOverdue(m.ctx, 10); n != want || err != nil {
		m.t.Errorf("decided %d, %v; want %d", n, err, want)
	}
}

// Ten decisions at once have one effect.
func TestN30_DecisionsAtOnce(t *testing.T) {
	t.Parallel()
	m, ada := hired(t, percent("10"))
	id := m.claims(ada, "5", 1000)
	errs := make([]error, 10)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			if i%2 == 0 {
				credit := money.Of(100, "USD")
				_, errs[i] = m.DisputeAccept(m.ctx, earn.DisputeAcceptInput{ID: id, Reason: "yes", Effect: dispute.EffectCREDIT, Amount: &credit})
				return
			}
			_, errs[i] = m.DisputeDecline(m.ctx, earn.DisputeDeclineInput{ID: id, Reason: "no"})
		})
	}
	all.Wait()
	done := 0
	for _, err := range errs {
		if err == nil {
			done++
		} else {
			m.refuses(err, problem.State, "id")
		}
	}
	payable := map[dispute.Status]int64{dispute.StatusACCEPTED: 100}[m.dispute(id).Status]
	if m.books("one", ada, "USD", 0, payable); done != 1 {
		t.Errorf("%d decisions", done)
	}
}

// Of ten that took 1 to 10 hours five took no longer than 5, nine no longer than 9.
func TestS90_HowLongDecisionsTake(t *testing.T) {
	t.Parallel()
	m, ada := hired(t, percent("10"))
	start := m.clock.Now()
	var ids []string
	for i := range 12 {
		ids = append(ids, m.claims(ada, fmt.Sprint("o", i), 1000))
	}
	for i := range 10 {
		m.clock.Advance(time.Hour)
		_, err := m.DisputeDecline(m.ctx, earn.DisputeDeclineInput{ID: ids[i], Reason: "no"})
		m.must(err)
	}
	_, err := m.DisputeWithdraw(m.asAffiliate(ada), ids[10])
	m.must(err)
	m.clock.Advance(31 * 24 * time.Hour)
	r, err := m.DisputeReport(m.ctx, m.program, start, m.clock.Now())
	m.must(err)
	if want := (earn.DisputeReport{Open: 1, Overdue: 1, Declined: 10, Withdrawn: 1, Median: 5 * time.Hour, P90: 9 * time.Hour}); r != want {
		t.Errorf("%+v, want %+v", r, want)
	}
	if r, err := m.DisputeReport(m.ctx, m.program, m.clock.Now(), m.clock.Now().Add(time.Hour)); err != nil || r != (earn.DisputeReport{Open: 1, Overdue: 1}) {
		t.Errorf("%+v, %v", r, err)
	}
	mine := m.store.Client().Dispute.Query().CountX(m.asAffiliate(m.affiliate("bob")))
	if mine != 0 || m.store.Client().Dispute.Query().CountX(context.WithoutCancel(m.asAffiliate(ada))) != 12 {
		t.Errorf("bob sees %d", mine)
	}
}
