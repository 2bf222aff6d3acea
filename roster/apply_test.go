package roster_test

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"sync"
	"testing"

	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/enrollment"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/track/attribution"
)

func application(programID string) roster.AffiliateApplyInput {
	return roster.AffiliateApplyInput{ProgramID: programID, Name: " Ada ", Email: " Ada.B+x@Example.COM "}
}

func (h house) only(email string) (status string, places []string) {
	h.t.Helper()
	row, err := h.store.Client().Affiliate.Query().Where(affiliate.Email(email)).Only(h.ctx)
	must(h.t, err)
	enrolled, err := h.store.Client().Enrollment.Query().Where(enrollment.AffiliateID(row.ID)).All(h.ctx)
	must(h.t, err)
	for _, e := range enrolled {
		places = append(places, string(e.Status))
	}
	return string(row.Status), places
}

func TestApplyByPublishableKeyFollowsAdmission(t *testing.T) {
	h := open(t)
	for _, row := range []struct {
		admission, status string
		said              []string
	}{
		{"APPROVAL", "PENDING", []string{"affiliate.applied", "enrollment.created"}},
		{"OPEN", "ACTIVE", []string{"affiliate.applied", "affiliate.approved", "enrollment.created"}},
	} {
		n := h.neighbour()
		before := len(n.said())
		in := application(n.program(row.admission))
		out, err := n.AffiliateApply(n.form(), in)
		must(t, err)
		if out.AffiliateID != "" || out.EnrollmentID != "" || out.ClaimToken == "" {
			t.Errorf("%s answered %+v", row.admission, out)
		}
		status, places := n.only("ada.b+x@example.com")
		if status != row.status || !slices.Equal(places, []string{row.status}) {
			t.Errorf("%s: affiliate %s, places %v", row.admission, status, places)
		}
		if said := n.said()[before+1:]; !slices.Equal(said, row.said) {
			t.Errorf("%s: said %v", row.admission, said)
		}
	}
}

func TestApplyKeepsHashesOnly(t *testing.T) {
	h := open(t)
	out, err := h.AffiliateApply(h.ctx, application(h.program("APPROVAL")))
	must(t, err)
	row := h.row(out.AffiliateID)
	sum := sha256.Sum256([]byte(out.ClaimToken))
	if row.ClaimHash == nil || !bytes.Equal(*row.ClaimHash, sum[:]) {
		t.Error("the claim is not kept as its SHA-256")
	}
	// The buyer types another spelling of the same mailbox (Q46).
	buyer := h.store.Keys().Hash(h.merchant, "affiliate.email", attribution.CanonicalEmail("adaB@example.com"))
	if !bytes.Equal(row.EmailHash, buyer) {
		t.Error("the canonical hash does not match the buyer's")
	}
	if row.Email != "ada.b+x@example.com" || row.Name != "Ada" {
		t.Errorf("kept %q, %q", row.Name, row.Email)
	}
}

// A stranger sends the form with addresses in every standing and with one that
// nobody has: no answer differs from another in anything but its random part.
func TestApplyDoesNotRevealWhoIsKnown(t *testing.T) {
	h := open(t)
	prg := h.program("OPEN")
	before := map[string][]string{}
	for status := range ways {
		h.standing(status, status+"@example.com")
	}
	for _, email := range []string{"PENDING@example.com", "ACTIVE@example.com", "SUSPENDED@example.com", "REJECTED@example.com", "ARCHIVED@example.com", "nobody@example.com"} {
		out, err := h.AffiliateApply(h.form(), roster.AffiliateApplyInput{ProgramID: prg, Name: "X", Email: email})
		must(t, err)
		if out.AffiliateID != "" || out.EnrollmentID != "" || len(out.ClaimToken) != len("trb_claim_")+26 {
			t.Errorf("%s was answered %+v", email, out)
		}
		sum := sha256.Sum256([]byte(out.ClaimToken))
		opens, err := h.store.Client().Affiliate.Query().Where(affiliate.ClaimHash(sum[:])).Count(h.ctx)
		must(t, err)
		if want := map[bool]int{true: 1, false: 0}[email == "nobody@example.com"]; opens != want {
			t.Errorf("%s: the answer's token opens %d affiliates", email, opens)
		}
		status, places := h.only(lower(email))
		before[status] = append(before[status], places...)
	}
	// nobody became ACTIVE in an open program; the known ones wait, or got nothing.
	want := map[string][]string{"PENDING": {"PENDING"}, "ACTIVE": {"PENDING", "ACTIVE"}, "SUSPENDED": {"PENDING"}, "REJECTED": nil, "ARCHIVED": nil}
	for status, places := range want {
		if !slices.Equal(before[status], places) {
			t.Errorf("%s: places %v, want %v", status, before[status], places)
		}
	}
}

func lower(s string) string { return string(bytes.ToLower([]byte(s))) }

func TestApplyAgainByStaffNamesTheAffiliate(t *testing.T) {
	h := open(t)
	one, two := h.program("APPROVAL"), h.program("APPROVAL")
	first, err := h.AffiliateApply(h.ctx, application(one))
	must(t, err)
	second, err := h.AffiliateApply(h.ctx, application(two))
	must(t, err)
	third, err := h.AffiliateApply(h.ctx, application(two))
	must(t, err)
	if second.AffiliateID != first.AffiliateID || second.EnrollmentID == first.EnrollmentID || third.EnrollmentID != second.EnrollmentID {
		t.Fatalf("%+v, %+v, %+v", first, second, third)
	}
	_, err = h.AffiliateApprove(h.ctx, roster.StandingInput{ID: first.AffiliateID})
	must(t, err)
	for _, e := range []string{first.EnrollmentID, second.EnrollmentID} {
		if got := h.enrollment(e).Status; got != enrollment.StatusACTIVE {
			t.Errorf("after the approval a place is %s", got)
		}
	}
}

func TestApplyWithAKeyTwiceGivesTheTokenOnce(t *testing.T) {
	h := open(t)
	ctx := store.WithKey(h.ctx, store.Key{Value: "k1", Fingerprint: [32]byte{1}})
	in := application(h.program("APPROVAL"))
	first, err := h.AffiliateApply(ctx, in)
	must(t, err)
	second, err := h.AffiliateApply(ctx, in)
	must(t, err)
	if first.ClaimToken == "" || second.ClaimToken != "" || second.AffiliateID != first.AffiliateID {
		t.Fatalf("%+v, then %+v", first, second)
	}
}

func TestOneAddressAppliesOnceHoweverManyFormsAreSent(t *testing.T) {
	h := open(t)
	in := application(h.program("APPROVAL"))
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if _, err := h.AffiliateApply(h.form(), in); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if status, places := h.only("ada.b+x@example.com"); status != "PENDING" || len(places) != 1 {
		t.Fatalf("%s with %v", status, places)
	}
}

func TestProgramsThatTakeNoApplications(t *testing.T) {
	h := open(t)
	private, paused, archived := h.program("PRIVATE"), h.program("OPEN"), h.program("OPEN")
	_, err := h.ProgramUpdate(h.ctx, roster.ProgramUpdateInput{ID: paused, Status: ptr("PAUSED")})
	must(t, err)
	_, err = h.ProgramArchive(h.ctx, roster.ProgramArchiveInput{ID: archived})
	must(t, err)
	for _, prg := range []string{private, paused, archived} {
		_, err := h.AffiliateApply(h.form(), application(prg))
		refused(t, err, problem.State, "programId")
	}
	foreign := h.neighbour().program("OPEN")
	for _, prg := range []string{foreign, "prg_00000000000000000000000000", "", "x\x00"} {
		_, err := h.AffiliateApply(h.form(), application(prg))
		refused(t, err, problem.NotFound, "programId")
	}
	if n, err := h.store.Client().Affiliate.Query().Count(h.ctx); err != nil || n != 0 {
		t.Fatalf("%d affiliates, %v", n, err)
	}
}
