package roster_test

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"strings"
	"sync"
	"testing"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/trust"
)

// drawn is a picture of some pixels a side, as a data: URL.
func drawn(t *testing.T, side int) string {
	t.Helper()
	var file bytes.Buffer
	must(t, png.Encode(&file, image.NewGray(image.Rect(0, 0, side, side))))
	return dataURL("image/png", file.Bytes())
}

func dataURL(kind string, file []byte) string {
	return "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(file)
}

func TestBrandIsSetChangedAndTakenAway(t *testing.T) {
	h := open(t)
	if b, err := h.BrandOf(h.ctx); b != nil || err != nil {
		t.Fatalf("at first %+v, %v", b, err)
	}
	logo := drawn(t, 32)
	b, err := h.BrandSet(h.ctx, roster.BrandSetInput{Accent: ptr(" #0B7A6B "), Logo: &logo})
	must(t, err)
	if *b.Accent != "#0b7a6b" || *b.Logo != logo {
		t.Fatalf("set to %+v", b)
	}
	seen := b.Version
	if b, err = h.BrandSet(h.ctx, roster.BrandSetInput{Accent: ptr(""), ExpectedVersion: &seen}); err != nil || b.Accent != nil || *b.Logo != logo {
		t.Fatalf("without its colour %+v, %v", b, err)
	}
	_, err = h.BrandSet(h.ctx, roster.BrandSetInput{Logo: ptr(""), ExpectedVersion: &seen})
	refused(t, err, problem.Conflict, "expectedVersion")
	if b, err = h.BrandSet(h.ctx, roster.BrandSetInput{Logo: ptr("")}); err != nil || b.Logo != nil {
		t.Fatalf("without its logo %+v, %v", b, err)
	}
	ann := trust.With(t.Context(), trust.Viewer{MerchantID: h.merchant, PrincipalID: "usr_ann", Kind: trust.KindUser, Role: trust.Affiliate, AffiliateID: h.affiliate("ann@example.com").AffiliateID})
	if b, err = h.BrandOf(ann); err != nil || b == nil {
		t.Fatalf("an affiliate sees %+v, %v", b, err)
	}
}

func TestBrandInputIsChecked(t *testing.T) {
	h := open(t)
	whole, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(drawn(t, 64), "data:image/png;base64,"))
	must(t, err)
	for name, row := range map[string]struct {
		in    roster.BrandSetInput
		field string
	}{
		"a word":          {roster.BrandSetInput{Accent: ptr("teal")}, "accent"},
		"a style":         {roster.BrandSetInput{Accent: ptr("#fff;background:url(x)")}, "accent"},
		"three digits":    {roster.BrandSetInput{Accent: ptr("#fff")}, "accent"},
		"an address":      {roster.BrandSetInput{Logo: ptr("https://shop.example/logo.png")}, "logo"},
		"a drawing":       {roster.BrandSetInput{Logo: ptr(dataURL("image/svg+xml", []byte("<svg/>")))}, "logo"},
		"a page":          {roster.BrandSetInput{Logo: ptr(dataURL("image/png", []byte("<script>alert(1)</script>")))}, "logo"},
		"another type":    {roster.BrandSetInput{Logo: ptr(dataURL("image/gif", whole))}, "logo"},
		"a part of it":    {roster.BrandSetInput{Logo: ptr(dataURL("image/png", whole[:len(whole)-20]))}, "logo"},
		"no base64":       {roster.BrandSetInput{Logo: ptr("data:image/png;base64,%%%")}, "logo"},
		"too many pixels": {roster.BrandSetInput{Logo: ptr(drawn(t, 1025))}, "logo"},
		"too many bytes":  {roster.BrandSetInput{Logo: ptr(dataURL("image/png", append(whole, make([]byte, 64<<10)...)))}, "logo"},
	} {
		_, err := h.BrandSet(h.ctx, row.in)
		t.Log(name)
		refused(t, err, problem.Invalid, row.field)
	}
	if b, err := h.BrandOf(h.ctx); b != nil || err != nil {
		t.Fatalf("kept %+v, %v", b, err)
	}
}

// Whoever says it first at the same time as another makes no second row.
func TestBrandIsOneHoweverManySayItFirst(t *testing.T) {
	h := open(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := h.BrandSet(h.ctx, roster.BrandSetInput{Accent: ptr("#123456")}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n, err := h.store.Client().Brand.Query().Count(h.ctx); n != 1 || err != nil {
		t.Fatalf("%d rows, %v", n, err)
	}
}
