package auth

import (
	"testing"

	"github.com/tributary/tributary/ent/auditrecord"
	"github.com/tributary/tributary/internal/problem"
)

// New recovery codes open a log-in that the old ones no longer do, and it is on
// record that the system made them.
func TestRecoveryCodesAreMadeAgainForWhoLostThem(t *testing.T) {
	h := open(t)
	_, err := h.RecoveryCodesReissue(t.Context(), "nobody@example.com")
	refused(t, err, problem.NotFound, "email")
	_, err = h.RecoveryCodesReissue(t.Context(), "ada@example.com")
	refused(t, err, problem.State, "")
	_, old := h.factored()
	fresh, err := h.RecoveryCodesReissue(t.Context(), " ADA@example.com")
	must(t, err)
	if len(fresh) != recoveryAmount {
		t.Fatalf("%d codes", len(fresh))
	}
	began, err := h.logIn("ada@example.com", right)
	must(t, err)
	_, err = h.LogInSecondFactor(t.Context(), LogInSecondFactorInput{Challenge: began.Challenge, RecoveryCode: old[0]})
	if err == nil {
		t.Error("a code from before still opens")
	}
	began, err = h.logIn("ada@example.com", right)
	must(t, err)
	got, err := h.LogInSecondFactor(t.Context(), LogInSecondFactorInput{Challenge: began.Challenge, RecoveryCode: fresh[3]})
	must(t, err)
	if got.UserID != h.owner.UserID {
		t.Errorf("%+v", got)
	}
	row := h.store.Client().AuditRecord.Query().Where(auditrecord.Action("recoveryCodesReissue")).OnlyX(h.system(h.owner.MerchantID))
	if row.SubjectID != h.owner.UserID || row.ActorID == h.owner.UserID {
		t.Errorf("%+v", row)
	}
}
