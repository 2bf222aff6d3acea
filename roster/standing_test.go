package roster_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/tributary/tributary/ent/auditrecord"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/roster"
)

// Typed by hand, from what a partner manager expects: present standing, verb,
// next standing; "-" where the verb does not apply.
const approve, reject, suspend, reinstate, archive = 0, 1, 2, 3, 4

var standings = map[string][5]string{
	//            approve   reject      suspend      reinstate  archive
	"PENDING":   {"ACTIVE", "REJECTED", "-", "-", "ARCHIVED"},
	"ACTIVE":    {"-", "-", "SUSPENDED", "-", "ARCHIVED"},
	"SUSPENDED": {"-", "-", "-", "ACTIVE", "ARCHIVED"},
	"REJECTED":  {"-", "-", "-", "PENDING", "ARCHIVED"},
	"ARCHIVED":  {"-", "-", "-", "-", "-"},
}

// ways lead a new affiliate to each standing: how it enters, then verbs.
var ways = map[string]struct {
	enter string
	verbs []int
}{
	"PENDING":   {"PENDING", nil},
	"ACTIVE":    {"ACTIVE", nil},
	"SUSPENDED": {"ACTIVE", []int{suspend}},
	"REJECTED":  {"PENDING", []int{reject}},
	"ARCHIVED":  {"ACTIVE", []int{archive}},
}

var told = [5]string{"affiliate.approved", "affiliate.rejected", "affiliate.suspended", "affiliate.reinstated", "affiliate.archived"}

func (h house) verb(n int) func(context.Context, roster.StandingInput) (roster.AffiliateOutcome, error) {
	return [5]func(context.Context, roster.StandingInput) (roster.AffiliateOutcome, error){
		h.AffiliateApprove, h.AffiliateReject, h.AffiliateSuspend, h.AffiliateReinstate, h.AffiliateArchive,
	}[n]
}

func (h house) standing(status, email string) string {
	h.t.Helper()
	out, err := h.AffiliateCreate(h.ctx, roster.AffiliateCreateInput{Name: "Ada", Email: email, Status: ways[status].enter})
	must(h.t, err)
	for _, n := range ways[status].verbs {
		_, err := h.verb(n)(h.ctx, roster.StandingInput{ID: out.AffiliateID, Reason: "because"})
		must(h.t, err)
	}
	return out.AffiliateID
}

func TestAffiliateStandingIsTheTable(t *testing.T) {
	h := open(t)
	for from, row := range standings {
		for n, to := range row {
			aff := h.standing(from, from+told[n]+"@example.com")
			before := h.said()
			out, err := h.verb(n)(h.ctx, roster.StandingInput{ID: aff, Reason: "because"})
			after := h.said()[len(before):]
			if to == "-" {
				refused(t, err, problem.State, "id")
				if got := string(h.row(aff).Status); got != from || len(after) != 0 {
					t.Errorf("%s, verb %d: now %s, said %v", from, n, got, after)
				}
				continue
			}
			must(t, err)
			got := h.row(aff)
			if string(got.Status) != to || out.Status != to || out.Version != got.Version || got.StatusReason != "because" {
				t.Errorf("%s, verb %d: row %s, outcome %+v, reason %q", from, n, got.Status, out, got.StatusReason)
			}
			if !slices.Equal(after, []string{told[n]}) {
				t.Errorf("%s, verb %d said %v", from, n, after)
			}
			h.audited(aff, from+" → "+to)
		}
	}
}

// audited fails unless one audit row tells of the change.
func (h house) audited(affiliateID, change string) {
	h.t.Helper()
	rows, err := h.store.Client().AuditRecord.Query().Where(auditrecord.SubjectID(affiliateID)).All(h.ctx)
	must(h.t, err)
	n := 0
	for _, r := range rows {
		if r.Changes["status"] == change {
			n++
		}
	}
	if n != 1 {
		h.t.Errorf("%d audit rows tell of %s", n, change)
	}
}

func TestRejectAndSuspendNeedAReason(t *testing.T) {
	h := open(t)
	pending, active := h.standing("PENDING", "p@example.com"), h.standing("ACTIVE", "a@example.com")
	_, err := h.AffiliateReject(h.ctx, roster.StandingInput{ID: pending, Reason: "  "})
	refused(t, err, problem.Invalid, "reason")
	_, err = h.AffiliateSuspend(h.ctx, roster.StandingInput{ID: active})
	refused(t, err, problem.Invalid, "reason")
	_, err = h.AffiliateSuspend(h.ctx, roster.StandingInput{ID: active, Reason: string(make([]byte, 501))})
	refused(t, err, problem.Invalid, "reason")
	_, err = h.AffiliateSuspend(h.ctx, roster.StandingInput{ID: active, Reason: "bids on our brand\nsecond warning"})
	must(t, err)
}

func TestDecisionIsDatedUntilItIsTakenBack(t *testing.T) {
	h := open(t)
	aff := h.standing("PENDING", "p@example.com")
	if h.row(aff).DecidedAt != nil {
		t.Fatal("decided before a decision")
	}
	_, err := h.AffiliateReject(h.ctx, roster.StandingInput{ID: aff, Reason: "no site"})
	must(t, err)
	if h.row(aff).DecidedAt == nil {
		t.Fatal("the rejection has no date")
	}
	_, err = h.AffiliateReinstate(h.ctx, roster.StandingInput{ID: aff})
	must(t, err)
	if row := h.row(aff); row.DecidedAt != nil || row.StatusReason != "" {
		t.Fatalf("taken back, yet decided at %v because %q", row.DecidedAt, row.StatusReason)
	}
}

func TestExpectedVersionConflict(t *testing.T) {
	h := open(t)
	aff := h.standing("ACTIVE", "a@example.com")
	v := h.row(aff).Version
	_, err := h.AffiliateUpdate(h.ctx, roster.AffiliateUpdateInput{ID: aff, Name: ptr("Bea"), ExpectedVersion: &v})
	must(t, err)
	_, err = h.AffiliateSuspend(h.ctx, roster.StandingInput{ID: aff, Reason: "x", ExpectedVersion: &v})
	refused(t, err, problem.Conflict, "expectedVersion")
	v = h.row(aff).Version
	_, err = h.AffiliateSuspend(h.ctx, roster.StandingInput{ID: aff, Reason: "x", ExpectedVersion: &v})
	must(t, err)
}

// Of edits that all expect one version, one is made.
func TestExpectedVersionAdmitsOneOfManyAtOnce(t *testing.T) {
	h := open(t)
	prg := h.program("OPEN")
	aff := h.standing("ACTIVE", "a@example.com")
	group, err := h.GroupCreate(h.ctx, roster.GroupCreateInput{Name: "Gold"})
	must(t, err)
	for what, edit := range map[string]func() error{
		"merchant": func() error {
			_, err := h.MerchantUpdate(h.ctx, roster.MerchantUpdateInput{Name: ptr("Acme 2"), ExpectedVersion: ptr(1)})
			return err
		},
		"program": func() error {
			_, err := h.ProgramUpdate(h.ctx, roster.ProgramUpdateInput{ID: prg, Name: ptr("Boots"), ExpectedVersion: ptr(1)})
			return err
		},
		"affiliate": func() error {
			_, err := h.AffiliateUpdate(h.ctx, roster.AffiliateUpdateInput{ID: aff, Name: ptr("Bea"), ExpectedVersion: ptr(1)})
			return err
		},
		"group": func() error {
			_, err := h.GroupUpdate(h.ctx, roster.GroupUpdateInput{ID: group.GroupID, Name: ptr("Silver"), ExpectedVersion: ptr(1)})
			return err
		},
	} {
		done, conflicts := atOnce(8, edit)
		if done != 1 || conflicts != 7 {
			t.Errorf("%s: %d edits were made, %d met a conflict", what, done, conflicts)
		}
	}
}

// atOnce runs do n times together and counts successes and conflicts.
func atOnce(n int, do func() error) (done, conflicts int) {
	var mu sync.Mutex
	var group sync.WaitGroup
	for range n {
		group.Go(func() {
			err := do()
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				done++
			}
			if problem.CodeOf(err) == problem.Conflict {
				conflicts++
			}
		})
	}
	group.Wait()
	return done, conflicts
}

func TestQ74_ArchivingEndsEveryPlaceAndDeletesNothing(t *testing.T) {
	h := open(t)
	one, two := h.program("OPEN"), h.program("APPROVAL")
	aff := h.affiliate("a@example.com", one, two)
	before := len(h.said())
	_, err := h.AffiliateArchive(h.ctx, roster.StandingInput{ID: aff.AffiliateID})
	must(t, err)
	for _, e := range aff.EnrollmentIDs {
		if got := h.enrollment(e).Status; got != "ENDED" {
			t.Errorf("enrollment is %s", got)
		}
	}
	if said := h.said()[before:]; !slices.Equal(said, []string{"affiliate.archived", "enrollment.ended", "enrollment.ended"}) {
		t.Errorf("said %v", said)
	}
	_, err = h.ProgramArchive(h.ctx, roster.ProgramArchiveInput{ID: one})
	must(t, err)
	if p, err := h.store.Client().Program.Get(h.ctx, one); err != nil || p.Status != "ARCHIVED" {
		t.Errorf("program %v, %v", p, err)
	}
	_, err = h.ProgramUpdate(h.ctx, roster.ProgramUpdateInput{ID: one, Status: ptr("ACTIVE")})
	refused(t, err, problem.State, "id")
}
