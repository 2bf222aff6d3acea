package roster

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"image"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"regexp"
	"strings"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/brand"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// The largest logo: of the file in bytes, and of each side in pixels.
const (
	maxLogo     = 64 << 10
	maxLogoSide = 1024
)

var accentForm = regexp.MustCompile(`^#[0-9a-f]{6}$`)

// BrandSetInput changes what is not nil; what is empty is taken away.
type BrandSetInput struct {
	Accent          *string // #rrggbb
	Logo            *string // a PNG, JPEG or GIF as a data: URL in base64
	ExpectedVersion *int
	logo            picture
}

// picture is a file that browsers show; of no type when there is none.
type picture struct {
	kind string // media type
	file []byte
}

// Brand is how a merchant's pages look.
type Brand struct {
	Accent  *string // #rrggbb; nil for none
	Logo    *string // a data: URL; nil for none
	Version int
}

// BrandOf is how the viewer's merchant wants its pages to look; nil when it has never
// said. All who see the merchant see it.
func (s *Service) BrandOf(ctx context.Context) (*Brand, error) {
	row, err := s.store.Client().Brand.Query().Only(ctx)
	if err != nil {
		return nil, ent.MaskNotFound(err)
	}
	return brandOf(row), nil
}

func brandOf(row *ent.Brand) *Brand {
	b := &Brand{Version: row.Version}
	if row.Accent != "" {
		b.Accent = &row.Accent
	}
	if row.LogoType != "" {
		b.Logo = new("data:" + row.LogoType + ";base64," + base64.StdEncoding.EncodeToString(row.Logo))
	}
	return b
}

// BrandSet says how the pages of the viewer's merchant look. Errors: Invalid, Conflict.
func (s *Service) BrandSet(ctx context.Context, in BrandSetInput) (*Brand, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	return store.Run(ctx, s.store, store.Command{Name: "brandSet"}, in.run)
}

func (in *BrandSetInput) check() (err error) {
	if in.Accent != nil {
		in.Accent = new(strings.ToLower(strings.TrimSpace(*in.Accent)))
		if *in.Accent != "" && !accentForm.MatchString(*in.Accent) {
			err = problem.At(problem.Invalid, "accent", "must be a colour such as #0b7a6b, or empty for none")
		}
	}
	if in.Logo != nil && *in.Logo != "" {
		var bad error
		in.logo, bad = readLogo(*in.Logo)
		err = errors.Join(err, bad)
	}
	return err
}

// readLogo looks at the whole picture, so that what is kept can be shown. A drawing that
// may hold scripts (SVG) is none of the kinds.
func readLogo(url string) (p picture, err error) {
	kind, text, found := strings.Cut(strings.TrimPrefix(url, "data:"), ";base64,")
	if !found || !strings.HasPrefix(url, "data:") {
		return p, notLogo("must be a PNG, JPEG or GIF as data:image/png;base64,…")
	}
	if base64.StdEncoding.DecodedLen(len(text)) > maxLogo+2 {
		return p, notLogo("must be a file of at most %d bytes", maxLogo)
	}
	file, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return p, notLogo("is not base64")
	}
	size, form, err := image.DecodeConfig(bytes.NewReader(file))
	switch {
	case err != nil || kind != "image/"+form:
		return p, notLogo("must be a PNG, JPEG or GIF that its data: URL names")
	case len(file) > maxLogo:
		return p, notLogo("must be a file of at most %d bytes", maxLogo)
	case size.Width > maxLogoSide || size.Height > maxLogoSide:
		return p, notLogo("must have at most %d pixels a side", maxLogoSide)
	}
	if _, _, err = image.Decode(bytes.NewReader(file)); err != nil {
		return p, notLogo("is a picture that cannot be read to its end")
	}
	return picture{kind, file}, nil
}

func notLogo(words string, args ...any) error {
	return problem.At(problem.Invalid, "logo", words, args...)
}

func (in BrandSetInput) run(ctx context.Context, tx *store.Tx) (*Brand, error) {
	// Two that say it for the first time write one row.
	rows := tx.Ent().Brand
	if err := rows.Create().SetID(tx.ID(id.Brand)).OnConflictColumns(brand.FieldMerchantID).Ignore().Exec(ctx); err != nil {
		return nil, err
	}
	row, err := rows.Query().Only(ctx)
	if err != nil {
		return nil, err
	}
	set := rows.UpdateOneID(row.ID).SetNillableAccent(in.Accent)
	if in.Logo != nil {
		set.SetLogo(in.logo.file).SetLogoType(in.logo.kind)
	}
	// The write holds the row, as merchantUpdate's does.
	if row, err = set.Save(ctx); err != nil {
		return nil, err
	}
	if err := sameVersion(in.ExpectedVersion, row.Version-1); err != nil {
		return nil, err
	}
	tx.Note(row.ID, nil)
	return brandOf(row), nil
}
