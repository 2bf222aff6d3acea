package track

import (
	"testing"

	"github.com/tributary/tributary/ent/host"
	"github.com/tributary/tributary/ent/program"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store/storetest"
)

func TestHostAddRefusesBadInput(t *testing.T) {
	t.Parallel()
	b := setup(t)
	good := HostAddInput{ProgramID: b.program, Name: "new.example", Purpose: host.PurposeDESTINATION}
	for name, c := range map[string]struct {
		edit  func(*HostAddInput)
		code  problem.Code
		field string
	}{
		"scheme":          {func(in *HostAddInput) { in.Name = "https://new.example" }, problem.Invalid, "name"},
		"port":            {func(in *HostAddInput) { in.Name = "new.example:80" }, problem.Invalid, "name"},
		"path":            {func(in *HostAddInput) { in.Name = "new.example/a" }, problem.Invalid, "name"},
		"empty":           {func(in *HostAddInput) { in.Name = "" }, problem.Invalid, "name"},
		"empty label":     {func(in *HostAddInput) { in.Name = "new..example" }, problem.Invalid, "name"},
		"hyphen first":    {func(in *HostAddInput) { in.Name = "-new.example" }, problem.Invalid, "name"},
		"wildcard":        {func(in *HostAddInput) { in.Name = "*.example" }, problem.Invalid, "name"},
		"no punycode":     {func(in *HostAddInput) { in.Name = "bücher.example" }, problem.Invalid, "name"},
		"half an address": {func(in *HostAddInput) { in.Name = "10.0.1" }, problem.Invalid, "name"},
		"number":          {func(in *HostAddInput) { in.Name = "2130706433" }, problem.Invalid, "name"},
		"purpose":         {func(in *HostAddInput) { in.Purpose = "BOTH" }, problem.Invalid, "purpose"},
		"no program":      {func(in *HostAddInput) { in.ProgramID = "prg_none" }, problem.NotFound, "programId"},
	} {
		in := good
		c.edit(&in)
		t.Run(name, func(*testing.T) {
			b.refused(c.code, c.field, func() error { _, err := b.HostAdd(b.ctx, in); return err })
		})
	}
}

func TestHostOfAnotherMerchantIsNotFound(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.addHost("go.example", host.PurposeTRACKING)
	other, _ := storetest.Merchant(t, b.store)
	for field, verb := range map[string]func() error{
		"id": func() error { _, err := b.HostRemove(other, id); return err },
		"programId": func() error {
			_, err := b.HostAdd(other, HostAddInput{ProgramID: b.program, Name: "x.example", Purpose: host.PurposeTRACKING})
			return err
		},
	} {
		b.refused(problem.NotFound, field, verb)
	}
}

func TestTrackingHostIsOneProgramsAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.addHost("go.example", host.PurposeTRACKING)
	b.program = b.addProgram()
	b.refused(problem.Taken, "name", func() error {
		_, err := b.HostAdd(b.ctx, HostAddInput{ProgramID: b.program, Name: "GO.example", Purpose: host.PurposeTRACKING})
		return err
	})
	b.addHost("shop.example", host.PurposeDESTINATION) // may be the target of many
}

func TestHostComesAndGoes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.addHost("Go.Example.", host.PurposeTRACKING)
	if again := b.addHost("go.example", host.PurposeTRACKING); again != id || !b.Serves("GO.example:443") {
		t.Fatalf("%s is not %s, or is not served", again, id)
	}
	for range 2 { // the second has no effect
		_, err := b.HostRemove(b.ctx, id)
		b.must(err)
	}
	if b.Serves("go.example") {
		t.Fatal("a removed host is served")
	}
	if back := b.addHost("go.example", host.PurposeTRACKING); back != id || !b.Serves("go.example") {
		t.Fatal("a removed host did not come back as itself")
	}
	want := []string{"host.created", "host.created", "host.removed", "host.created"} // the first is the shop's
	if got := b.events(0); len(got) != len(want) || got[2] != want[2] {
		t.Fatalf("events %v, want %v", got, want)
	}
}

func TestNothingIsAddedToAnArchivedProgram(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.setProgram(program.StatusARCHIVED)
	for _, verb := range []func() error{
		func() error {
			_, err := b.HostAdd(b.ctx, HostAddInput{ProgramID: b.program, Name: "x.example", Purpose: host.PurposeTRACKING})
			return err
		},
		func() error {
			_, err := b.LinkCreate(b.ctx, LinkCreateInput{ProgramID: b.program, AffiliateID: b.affiliate, Destination: "https://shop.example/"})
			return err
		},
		func() error {
			_, err := b.CouponCreate(b.ctx, CouponCreateInput{ProgramID: b.program, AffiliateID: b.affiliate, Code: "X"})
			return err
		},
		func() error {
			_, err := b.PolicyActivate(b.ctx, PolicyActivateInput{ProgramID: b.program, WindowDays: 7})
			return err
		},
	} {
		b.refused(problem.State, "programId", verb)
	}
}
