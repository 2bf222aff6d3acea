package roster_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/roster"
)

func TestProgramInheritsFromItsMerchant(t *testing.T) {
	h := open(t)
	_, err := h.MerchantUpdate(h.ctx, roster.MerchantUpdateInput{Currency: ptr("KWD"), TimeZone: ptr("Asia/Kuwait")})
	must(t, err)
	row, err := h.store.Client().Program.Get(h.ctx, h.program(""))
	must(t, err)
	if row.Currency != "KWD" || row.TimeZone != "Asia/Kuwait" || row.Admission != "APPROVAL" || row.Status != "ACTIVE" || row.Threshold() != money.Of(0, "KWD") {
		t.Fatalf("%+v", row)
	}
}

func TestProgramInputIsChecked(t *testing.T) {
	h := open(t)
	good := roster.ProgramCreateInput{Name: "Shoes", Currency: "USD", TimeZone: "Europe/Berlin", Admission: "OPEN", FallbackURL: "https://shop.example/x?y=1"}
	for _, row := range []struct {
		change func(*roster.ProgramCreateInput)
		code   problem.Code
		field  string
	}{
		{func(in *roster.ProgramCreateInput) { in.Name = " " }, problem.Invalid, "name"},
		{func(in *roster.ProgramCreateInput) { in.Name = strings.Repeat("é", 101) }, problem.Invalid, "name"}, // 202 bytes
		{func(in *roster.ProgramCreateInput) { in.Name = "a\x00b" }, problem.Invalid, "name"},
		{func(in *roster.ProgramCreateInput) { in.Currency = "usd" }, problem.CurrencyUnknown, "currency"},
		{func(in *roster.ProgramCreateInput) { in.Currency = "XYZ" }, problem.CurrencyUnknown, "currency"},
		{func(in *roster.ProgramCreateInput) { in.TimeZone = "Local" }, problem.Invalid, "timeZone"},
		{func(in *roster.ProgramCreateInput) { in.TimeZone = "Mars/Olympus" }, problem.Invalid, "timeZone"},
		{func(in *roster.ProgramCreateInput) { in.TimeZone = "../../etc/passwd" }, problem.Invalid, "timeZone"},
		{func(in *roster.ProgramCreateInput) { in.Admission = "open" }, problem.Invalid, "admission"},
		{func(in *roster.ProgramCreateInput) { in.FallbackURL = "javascript:alert(1)" }, problem.Invalid, "fallbackUrl"},
		{func(in *roster.ProgramCreateInput) { in.FallbackURL = "ftp://shop.example/" }, problem.Invalid, "fallbackUrl"},
		{func(in *roster.ProgramCreateInput) { in.FallbackURL = "//shop.example/" }, problem.Invalid, "fallbackUrl"},
		{func(in *roster.ProgramCreateInput) { in.FallbackURL = "https://:443/" }, problem.Invalid, "fallbackUrl"},
		{func(in *roster.ProgramCreateInput) { in.FallbackURL = "https://u:p@shop.example/" }, problem.Invalid, "fallbackUrl"},
		{func(in *roster.ProgramCreateInput) { in.FallbackURL = "https://shop.example/\r\nX: y" }, problem.Invalid, "fallbackUrl"},
		{func(in *roster.ProgramCreateInput) {
			in.FallbackURL = "https://shop.example/" + strings.Repeat("a", 2048)
		}, problem.Invalid, "fallbackUrl"},
		{func(in *roster.ProgramCreateInput) { in.Threshold = &money.Money{Minor: 1, Currency: "EUR"} }, problem.CurrencyMismatch, "threshold"},
		{func(in *roster.ProgramCreateInput) { in.Threshold = &money.Money{Minor: -1, Currency: "USD"} }, problem.AmountRange, "threshold"},
	} {
		in := good
		row.change(&in)
		_, err := h.ProgramCreate(h.ctx, in)
		refused(t, err, row.code, row.field)
	}
	if n, err := h.store.Client().Program.Query().Count(h.ctx); err != nil || n != 0 {
		t.Fatalf("%d programs, %v", n, err)
	}
	_, err := h.ProgramCreate(h.ctx, good)
	must(t, err)
}

func TestProgramUpdateTellsWhatItIsNow(t *testing.T) {
	h := open(t)
	prg := h.program("OPEN")
	out, err := h.ProgramUpdate(h.ctx, roster.ProgramUpdateInput{ID: prg, Name: ptr("Boots"), Status: ptr("PAUSED"), Threshold: ptr(money.Of(2500, "USD"))})
	must(t, err)
	row, err := h.store.Client().Program.Get(h.ctx, prg)
	must(t, err)
	if row.Name != "Boots" || row.Status != "PAUSED" || row.Threshold() != money.Of(2500, "USD") || out.Version != 2 || row.Version != 2 {
		t.Fatalf("%+v, %+v", row, out)
	}
	_, err = h.ProgramUpdate(h.ctx, roster.ProgramUpdateInput{ID: prg, Status: ptr("ARCHIVED")})
	refused(t, err, problem.Invalid, "status")
	_, err = h.ProgramUpdate(h.ctx, roster.ProgramUpdateInput{ID: prg, Threshold: ptr(money.Of(2500, "JPY"))})
	refused(t, err, problem.CurrencyMismatch, "threshold")
	if said := h.said(); !slices.Equal(said, []string{"program.created", "program.updated"}) {
		t.Fatalf("said %v", said)
	}
}

func TestAffiliateInputIsChecked(t *testing.T) {
	h := open(t)
	for _, email := range []string{"", "ada", "ada@", "@example.com", "Ada <ada@example.com>", "a b@example.com", `"a b"@example.com`, "ada@example.com, b@example.com", strings.Repeat("a", 250) + "@example.com"} {
		_, err := h.AffiliateCreate(h.ctx, roster.AffiliateCreateInput{Name: "Ada", Email: email})
		refused(t, err, problem.Invalid, "email")
	}
	_, err := h.AffiliateCreate(h.ctx, roster.AffiliateCreateInput{Name: "Ada", Email: "a@example.com", Status: "SUSPENDED"})
	refused(t, err, problem.Invalid, "status")
	_, err = h.AffiliateCreate(h.ctx, roster.AffiliateCreateInput{Name: "Ada", Email: "a@example.com", ProgramIDs: make([]string, 51)})
	refused(t, err, problem.TooLarge, "programIds")
	prg := h.program("OPEN")
	_, err = h.AffiliateCreate(h.ctx, roster.AffiliateCreateInput{Name: "Ada", Email: "a@example.com", ProgramIDs: []string{prg, prg}})
	refused(t, err, problem.Taken, "programIds.1")
	h.affiliate("a@example.com")
	_, err = h.AffiliateCreate(h.ctx, roster.AffiliateCreateInput{Name: "Ada", Email: " A@Example.com"})
	refused(t, err, problem.Taken, "email")
}

func TestGroupNamesAreUniqueWithinTheMerchant(t *testing.T) {
	h := open(t)
	gold, err := h.GroupCreate(h.ctx, roster.GroupCreateInput{Name: "Gold", Description: "Top\npartners"})
	must(t, err)
	_, err = h.GroupCreate(h.ctx, roster.GroupCreateInput{Name: " Gold "})
	refused(t, err, problem.Taken, "name")
	silver, err := h.GroupCreate(h.ctx, roster.GroupCreateInput{Name: "Silver"})
	must(t, err)
	_, err = h.GroupUpdate(h.ctx, roster.GroupUpdateInput{ID: silver.GroupID, Name: ptr("Gold")})
	refused(t, err, problem.Taken, "name")
	_, err = h.neighbour().GroupCreate(h.neighbour().ctx, roster.GroupCreateInput{Name: "Gold"})
	must(t, err)
	aff := h.affiliate("a@example.com").AffiliateID
	_, err = h.AffiliateUpdate(h.ctx, roster.AffiliateUpdateInput{ID: aff, GroupID: &gold.GroupID})
	must(t, err)
	if got := h.row(aff).GroupID; got == nil || *got != gold.GroupID {
		t.Fatalf("group %v", got)
	}
	_, err = h.AffiliateUpdate(h.ctx, roster.AffiliateUpdateInput{ID: aff, GroupID: ptr("")})
	must(t, err)
	if got := h.row(aff).GroupID; got != nil {
		t.Fatalf("group %v", *got)
	}
}

func TestEnrollTurnsAPlaceActive(t *testing.T) {
	h := open(t)
	prg := h.program("APPROVAL")
	aff := h.affiliate("a@example.com").AffiliateID
	in := roster.EnrollInput{AffiliateID: aff, ProgramID: prg}
	first, err := h.Enroll(h.ctx, in)
	must(t, err)
	same, err := h.Enroll(h.ctx, in)
	must(t, err)
	if first != same || first.Status != "ACTIVE" {
		t.Fatalf("%+v, then %+v", first, same)
	}
	_, err = h.EnrollmentEnd(h.ctx, roster.EnrollmentEndInput{ID: first.EnrollmentID, ExpectedVersion: ptr(9)})
	refused(t, err, problem.Conflict, "expectedVersion")
	_, err = h.EnrollmentEnd(h.ctx, roster.EnrollmentEndInput{ID: first.EnrollmentID, ExpectedVersion: ptr(1)})
	must(t, err)
	_, err = h.EnrollmentEnd(h.ctx, roster.EnrollmentEndInput{ID: first.EnrollmentID})
	refused(t, err, problem.State, "id")
	again, err := h.Enroll(h.ctx, in)
	must(t, err)
	if again.EnrollmentID != first.EnrollmentID || again.Status != "ACTIVE" {
		t.Fatalf("%+v", again)
	}
	want := []string{"enrollment.created", "enrollment.ended", "enrollment.activated"}
	if said := h.said(); !slices.Equal(said[len(said)-3:], want) {
		t.Fatalf("said %v", said)
	}
	_, err = h.AffiliateArchive(h.ctx, roster.StandingInput{ID: aff})
	must(t, err)
	_, err = h.Enroll(h.ctx, in)
	refused(t, err, problem.State, "affiliateId")
}
