package track

import (
	"context"
	"flag"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/ent/enrollment"
	"github.com/tributary/tributary/ent/host"
	"github.com/tributary/tributary/ent/program"
	"github.com/tributary/tributary/internal/bus"
	"github.com/tributary/tributary/internal/draws"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/track/order"
)

const patience = 20 * time.Second

func TestMain(m *testing.M) {
	_ = draws.Checks(100)
	flag.Parse()
	goleak.VerifyTestMain(m)
}

// bundle is a merchant with a program, its shop and one affiliate in it.
type bundle struct {
	*Service
	t         testing.TB
	ctx       context.Context
	clock     *storetest.Clock
	merchant  string
	program   string
	affiliate string
}

func setup(t testing.TB) *bundle {
	t.Helper()
	clock := storetest.NewClock()
	b := &bundle{t: t, clock: clock}
	db := storetest.OpenAt(t, clock)
	b.Service = newService(t, Config{Store: db, DataDir: t.TempDir()})
	b.ctx, b.merchant = storetest.Merchant(t, db)
	b.program = b.addProgram()
	b.affiliate = b.addAffiliate("ann@partner.example", "")
	b.enroll(b.affiliate)
	b.addHost("shop.example", host.PurposeDESTINATION)
	return b
}

func newService(t testing.TB, cfg Config) *Service {
	t.Helper()
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// withBus gives the bundle a click stream of its own.
func (b *bundle) withBus() *bundle {
	b.t.Helper()
	stream, err := bus.Open(b.ctx, bus.Config{Dir: b.t.TempDir(), Deadline: patience})
	b.must(err)
	b.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := stream.Close(ctx); err != nil {
			b.t.Error(err)
		}
	})
	b.Service.bus = stream
	return b
}

func (b *bundle) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// in runs fn as one command.
func in[T any](b *bundle, fn func(context.Context, *store.Tx) (T, error)) (T, error) {
	b.t.Helper()
	return store.Run(b.ctx, b.store, store.Command{Name: "test"}, fn)
}

func (b *bundle) write(fn func(context.Context, *store.Tx) error) {
	b.t.Helper()
	_, err := in(b, func(ctx context.Context, tx *store.Tx) (string, error) { return "", fn(ctx, tx) })
	b.must(err)
}

func (b *bundle) addProgram() (id string) {
	b.t.Helper()
	b.write(func(ctx context.Context, tx *store.Tx) error {
		p, err := tx.Ent().Program.Create().SetName("Main").SetCurrency("USD").SetFallbackURL("https://shop.example/home").Save(ctx)
		if err == nil {
			id = p.ID
		}
		return err
	})
	return id
}

func (b *bundle) addAffiliate(email, parent string) (id string) {
	b.t.Helper()
	b.write(func(ctx context.Context, tx *store.Tx) error {
		set := tx.Ent().Affiliate.Create().SetName("Someone").SetEmail(email).SetEmailHash(b.selfHash(b.merchant, email)).SetStatus(affiliate.StatusACTIVE)
		if parent != "" {
			set.SetParentID(parent)
		}
		a, err := set.Save(ctx)
		if err == nil {
			id = a.ID
		}
		return err
	})
	return id
}

func (b *bundle) enroll(affiliateID string) {
	b.t.Helper()
	b.write(func(ctx context.Context, tx *store.Tx) error {
		return tx.Ent().Enrollment.Create().SetProgramID(b.program).SetAffiliateID(affiliateID).Exec(ctx)
	})
}

func (b *bundle) setAffiliate(id string, status affiliate.Status) {
	b.t.Helper()
	b.write(func(ctx context.Context, tx *store.Tx) error {
		tx.Emit(store.Event{Type: "affiliate.suspended", Subject: id, AffiliateID: id})
		return tx.Ent().Affiliate.UpdateOneID(id).SetStatus(status).Exec(ctx)
	})
}

func (b *bundle) setProgram(status program.Status) {
	b.t.Helper()
	b.write(func(ctx context.Context, tx *store.Tx) error {
		tx.Emit(store.Event{Type: "program.updated", Subject: b.program, ProgramID: b.program})
		return tx.Ent().Program.UpdateOneID(b.program).SetStatus(status).Exec(ctx)
	})
}

func (b *bundle) endEnrollment(affiliateID string) {
	b.t.Helper()
	b.write(func(ctx context.Context, tx *store.Tx) error {
		tx.Emit(store.Event{Type: "enrollment.ended", Subject: "enr", ProgramID: b.program, AffiliateID: affiliateID})
		return tx.Ent().Enrollment.Update().Where(enrollment.AffiliateID(affiliateID)).SetStatus(enrollment.StatusENDED).Exec(ctx)
	})
}

func (b *bundle) addHost(name string, purpose host.Purpose) string {
	b.t.Helper()
	out, err := b.HostAdd(b.ctx, HostAddInput{ProgramID: b.program, Name: name, Purpose: purpose})
	b.must(err)
	return out.ID
}

func (b *bundle) addLink(slug string) LinkOutcome {
	b.t.Helper()
	return b.addLinkWith(LinkCreateInput{Slug: slug})
}

// addLinkWith fills in what the input leaves out.
func (b *bundle) addLinkWith(l LinkCreateInput) LinkOutcome {
	b.t.Helper()
	l.ProgramID = b.program
	l.AffiliateID = orDefault(l.AffiliateID, b.affiliate)
	l.Destination = orDefault(l.Destination, "https://shop.example/p")
	out, err := b.LinkCreate(b.ctx, l)
	b.must(err)
	return out
}

// rows counts what a refused verb could have left behind.
func (b *bundle) rows() (n [5]int) {
	b.t.Helper()
	c := b.store.Client()
	for i, count := range []func(context.Context) (int, error){c.Host.Query().Count, c.Link.Query().Count, c.Coupon.Query().Count, c.AttributionPolicy.Query().Count, c.Event.Query().Count} {
		got, err := count(b.ctx)
		b.must(err)
		n[i] = got
	}
	return n
}

// refused checks a verb's answer to bad input: code and field, and nothing written.
func (b *bundle) refused(code problem.Code, field string, verb func() error) {
	b.t.Helper()
	before := b.rows()
	err := verb()
	p, ok := problem.As(err)
	if !ok || p.Code != code || !strings.HasPrefix(strings.Join(p.Field, ".")+".", field+".") {
		b.t.Errorf("got %v, want %s at %s", err, code, field)
	}
	if after := b.rows(); after != before {
		b.t.Errorf("rows %v became %v", before, after)
	}
}

// events lists the types of the merchant's events after a place.
func (b *bundle) events(after int64) (types []string) {
	b.t.Helper()
	for _, e := range b.eventRows() {
		types = append(types, e.Type)
	}
	return types[after:]
}

// eventRows reads events in the order of their ids: on PostgreSQL places are
// given by a server that these tests do not run.
func (b *bundle) eventRows() []*ent.Event {
	b.t.Helper()
	rows, err := b.store.Client().Event.Query().Order(ent.Asc("id")).All(b.ctx)
	b.must(err)
	return rows
}

const chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"

// open opens an address as a person's browser does.
func (b *bundle) open(target string, edit ...func(*http.Request)) *http.Response {
	b.t.Helper()
	r := httptest.NewRequest(http.MethodGet, target, nil)
	r.Header.Set("User-Agent", chrome)
	for _, e := range edit {
		e(r)
	}
	w := httptest.NewRecorder()
	b.Redirect().ServeHTTP(w, r)
	return w.Result()
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func usd(minor int64) money.Money { return money.Of(minor, "USD") }

// sale is a paid order of two lines, 60.00 and 40.00.
func (b *bundle) sale(id string) order.Order {
	return order.Order{
		Source: "api", ExternalID: id, Kind: order.KindSale, Status: order.StatusPaid, ProgramID: b.program,
		OccurredAt: b.clock.Now(), Currency: "USD", Total: usd(11000), Tax: usd(500), Shipping: usd(500),
		Lines: []order.Line{{ExternalID: "a", Quantity: 3, Amount: usd(6000)}, {ExternalID: "b", Quantity: 1, Amount: usd(4000)}},
	}
}

func (b *bundle) tryRecord(o order.Order) (Recorded, error) {
	b.t.Helper()
	return in(b, func(ctx context.Context, tx *store.Tx) (Recorded, error) { return b.RecordIn(ctx, tx, o) })
}

func (b *bundle) record(o order.Order) Recorded {
	b.t.Helper()
	rec, err := b.tryRecord(o)
	b.must(err)
	return rec
}

func (b *bundle) conversion(id string) *ent.Conversion {
	b.t.Helper()
	row, err := b.store.Client().Conversion.Query().Where(conversion.ID(id)).Only(b.ctx)
	b.must(err)
	return row
}
