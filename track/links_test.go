package track

import (
	"maps"
	"strconv"
	"strings"
	"testing"

	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/host"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/trust"
)

func TestLinkCreateRefusesBadInput(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.addLink("taken")
	suspended, outside := b.addAffiliate("s@partner.example", ""), b.addAffiliate("o@partner.example", "")
	b.enroll(suspended)
	b.setAffiliate(suspended, affiliate.StatusSUSPENDED)
	shop := b.addHost("www.shop.example", host.PurposeDESTINATION)
	good := LinkCreateInput{ProgramID: b.program, AffiliateID: b.affiliate, Destination: "https://shop.example/"}
	many := map[string]string{}
	for i := range 11 {
		many["sub_"+strconv.Itoa(i)] = "x"
	}
	to := func(d string) func(*LinkCreateInput) { return func(in *LinkCreateInput) { in.Destination = d } }
	slug := func(s string) func(*LinkCreateInput) { return func(in *LinkCreateInput) { in.Slug = s } }
	labels := func(l map[string]string) func(*LinkCreateInput) { return func(in *LinkCreateInput) { in.SubIDs = l } }
	for name, c := range map[string]struct {
		edit  func(*LinkCreateInput)
		code  problem.Code
		field string
	}{
		"other host":         {to("https://evil.example/"), problem.Invalid, "destination"},
		"sub-domain":         {to("https://a.shop.example/"), problem.Invalid, "destination"},
		"suffix":             {to("https://shop.example.evil.example/"), problem.Invalid, "destination"},
		"javascript":         {to("javascript:alert(1)"), problem.Invalid, "destination"},
		"relative":           {to("//shop.example/"), problem.Invalid, "destination"},
		"empty":              {to(""), problem.Invalid, "destination"},
		"credentials":        {to("https://a:b@shop.example/"), problem.Invalid, "destination"},
		"backslash":          {to(`https://evil.example\@shop.example/`), problem.Invalid, "destination"},
		"line break":         {to("https://shop.example/\r\nSet-Cookie: a=b"), problem.Invalid, "destination"},
		"port too high":      {to("https://shop.example:99999/"), problem.Invalid, "destination"},
		"port zero":          {to("https://shop.example:0/"), problem.Invalid, "destination"},
		"carries the token":  {to("https://shop.example/?trb_click=x"), problem.Invalid, "destination"},
		"not UTF-8":          {to("https://shop.example/\xff"), problem.Invalid, "destination"},
		"too long":           {to("https://shop.example/" + strings.Repeat("a", 2048)), problem.TooLarge, "destination"},
		"slug short":         {slug("ab"), problem.Invalid, "slug"},
		"slug long":          {slug(strings.Repeat("a", 65)), problem.Invalid, "slug"},
		"slug upper case":    {slug("Spring"), problem.Invalid, "slug"},
		"slug with a slash":  {slug("a/b"), problem.Invalid, "slug"},
		"slug taken":         {slug("taken"), problem.Taken, "slug"},
		"too many labels":    {labels(many), problem.TooLarge, "subIds"},
		"label's name":       {labels(map[string]string{"utm_source": "x"}), problem.Invalid, "subIds"},
		"label too long":     {labels(map[string]string{"s1": strings.Repeat("x", 256)}), problem.TooLarge, "subIds"},
		"label with NUL":     {labels(map[string]string{"s1": "a\x00"}), problem.Invalid, "subIds"},
		"no program":         {func(in *LinkCreateInput) { in.ProgramID = "prg_none" }, problem.NotFound, "programId"},
		"no affiliate":       {func(in *LinkCreateInput) { in.AffiliateID = "aff_none" }, problem.NotFound, "affiliateId"},
		"suspended":          {func(in *LinkCreateInput) { in.AffiliateID = suspended }, problem.State, "affiliateId"},
		"not in the program": {func(in *LinkCreateInput) { in.AffiliateID = outside }, problem.State, "affiliateId"},
		"no host":            {func(in *LinkCreateInput) { in.HostID = "hst_none" }, problem.NotFound, "hostId"},
		"host of the shop":   {func(in *LinkCreateInput) { in.HostID = shop }, problem.NotFound, "hostId"},
	} {
		in := good
		c.edit(&in)
		t.Run(name, func(*testing.T) {
			b.refused(c.code, c.field, func() error { _, err := b.LinkCreate(b.ctx, in); return err })
		})
	}
}

func TestLinkCreateWritesWhatWasAsked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	tracking := b.addHost("go.example", host.PurposeTRACKING)
	before := len(b.events(0))
	out := b.addLinkWith(LinkCreateInput{Slug: "spring", HostID: tracking, SubIDs: map[string]string{"s1": "mail"}, Destination: "https://SHOP.example:8443/x?a=1#top"})
	l, err := b.store.Client().Link.Get(b.ctx, out.ID)
	b.must(err)
	if l.Slug != "spring" || l.HostKey != "go.example" || l.Number != 1 || l.AffiliateID != b.affiliate || !maps.Equal(l.SubIds, map[string]string{"s1": "mail"}) {
		t.Fatalf("%+v", l)
	}
	if got := b.events(int64(before)); len(got) != 1 || got[0] != "link.created" {
		t.Fatalf("events %v", got)
	}
	if second := b.addLink("spring"); second.ID == out.ID { // the platform's own host is another place
		t.Fatal("two hosts share a slug")
	}
}

func TestSlugIsDrawnWhenNoneIsGiven(t *testing.T) {
	t.Parallel()
	b := setup(t)
	seen := map[string]bool{}
	for range 20 {
		slug := b.addLink("").Slug
		if len(slug) != 10 || !isSlug(slug) || seen[slug] {
			t.Fatalf("slug %q", slug)
		}
		seen[slug] = true
	}
}

func TestAffiliateMakesOwnLinksOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := b.addAffiliate("bob@partner.example", "")
	b.enroll(other)
	theirs := b.addLinkWith(LinkCreateInput{AffiliateID: other, Slug: "theirs"})
	self := trust.With(t.Context(), trust.Viewer{MerchantID: b.merchant, PrincipalID: "usr_ann", Kind: trust.KindUser, Role: trust.Affiliate, AffiliateID: b.affiliate})
	in := LinkCreateInput{ProgramID: b.program, Destination: "https://shop.example/"}
	out, err := b.LinkCreate(self, in)
	b.must(err)
	if l, err := b.store.Client().Link.Get(self, out.ID); err != nil || l.AffiliateID != b.affiliate {
		t.Fatalf("%v, %v", l, err)
	}
	in.AffiliateID = other
	b.refused(problem.NotFound, "affiliateId", func() error { _, err := b.LinkCreate(self, in); return err })
	b.refused(problem.NotFound, "id", func() error { _, err := b.LinkArchive(self, theirs.ID, nil); return err })
}

func TestLinkUpdateAndArchive(t *testing.T) {
	t.Parallel()
	b := setup(t)
	out := b.addLink("spring")
	one, old, to, away := 1, 7, "https://shop.example/new", "https://evil.example/"
	b.refused(problem.Conflict, "expectedVersion", func() error {
		_, err := b.LinkUpdate(b.ctx, LinkUpdateInput{ID: out.ID, Destination: &to, ExpectedVersion: &old})
		return err
	})
	b.refused(problem.Invalid, "destination", func() error {
		_, err := b.LinkUpdate(b.ctx, LinkUpdateInput{ID: out.ID, Destination: &away})
		return err
	})
	_, err := b.LinkUpdate(b.ctx, LinkUpdateInput{ID: out.ID, Destination: &to, ExpectedVersion: &one})
	b.must(err)
	if at := b.open("/r/spring").Header.Get("Location"); !strings.HasPrefix(at, to+"?trb_click=") {
		t.Fatalf("leads to %s", at)
	}
	for range 2 { // the second has no effect
		_, err = b.LinkArchive(b.ctx, out.ID, nil)
		b.must(err)
	}
	b.refused(problem.State, "id", func() error {
		_, err := b.LinkUpdate(b.ctx, LinkUpdateInput{ID: out.ID, Destination: &to})
		return err
	})
	stranger, _ := storetest.Merchant(t, b.store)
	b.refused(problem.NotFound, "id", func() error { _, err := b.LinkArchive(stranger, out.ID, nil); return err })
	got := b.events(1)
	if want := "[link.created link.updated link.archived]"; strings.Join(got, " ") != strings.Trim(want, "[]") {
		t.Fatalf("events %v, want %s", got, want)
	}
}
