package tributary_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Khan/genqlient/graphql"

	tributary "github.com/tributary/tributary/clients/go"
)

// must gives the answer of a task that may not fail.
func must[T any](data *T, err error) func(*testing.T) *T {
	return func(t *testing.T) *T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
}

func program(name string) tributary.ProgramCreateInput {
	return tributary.ProgramCreateInput{Name: name, FallbackUrl: "https://shop.example/"}
}

// shop is a program with a plan that pays ten percent, an affiliate and an opened link.
type shop struct {
	*tributary.Client
	program, click string
}

func furnish(t *testing.T, c *tributary.Client) shop {
	t.Helper()
	ctx := t.Context()
	id := must(tributary.ProgramCreate(ctx, c, program("Acme partners")))(t).ProgramCreate.Program.Id
	must(tributary.HostAdd(ctx, c, tributary.HostAddInput{ProgramId: id, Name: "shop.example"}))(t)
	plan := must(tributary.PlanCreate(ctx, c, tributary.CommissionPlanCreateInput{ProgramId: id, Name: "Standard"}))(t)
	percent, days := "10", 0
	must(tributary.PlanActivate(ctx, c, tributary.CommissionPlanActivateInput{
		PlanId: plan.CommissionPlanCreate.Plan.Id, HoldDays: &days,
		Rules: []tributary.PlanRuleInput{{Level: tributary.PlanRuleLevelProgram, Kind: tributary.PlanRuleKindPercent, Percent: &percent}},
	}))(t)
	ann := must(tributary.AffiliateCreate(ctx, c, tributary.AffiliateCreateInput{Name: "Ann Lee", Email: "ann@lee.example", ProgramIds: []string{id}}))(t)
	link := must(tributary.LinkCreate(ctx, c, tributary.LinkCreateInput{
		ProgramId: id, AffiliateId: &ann.AffiliateCreate.Affiliate.Id, Destination: "https://shop.example/hat",
	}))(t)
	return shop{c, id, click(t, c.URL, link.LinkCreate.Link.Url)}
}

func click(t *testing.T, endpoint, link string) string {
	t.Helper()
	at, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, strings.TrimSuffix(endpoint, "/graphql")+at.Path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36")
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	to, err := res.Location()
	if err != nil {
		t.Fatal(err)
	}
	return to.Query().Get("trb_click")
}

func TestFromAProgramToAPayoutBatch(t *testing.T) {
	t.Parallel()
	_, c := open(t)
	s, ctx := furnish(t, c), t.Context()
	line, one := "1", 1
	sold := must(tributary.ConversionRecord(ctx, c, tributary.ConversionRecordInput{
		ProgramId: s.program, ExternalId: "1001", ClickToken: &s.click, IdempotencyKey: tributary.Key(),
		Lines: []tributary.OrderLineInput{{ExternalId: &line, Quantity: &one, Amount: tributary.MoneyInput{Amount: "49.90", Currency: "USD"}}},
	}))(t)
	if !*sold.ConversionRecord.Created {
		t.Error("the order was known")
	}
	read := must(tributary.ConversionByOrder(ctx, c, s.program, "1001"))(t)
	earned := read.ConversionByOrder.Commissions
	if len(earned) != 1 || earned[0].Amount.Amount != "4.99" || !slices.ContainsFunc(earned[0].Explanation.Steps, tenPercent) {
		t.Fatalf("earned %+v", earned)
	}
	done := must(tributary.CommissionApprove(ctx, c, tributary.CommissionApproveInput{Ids: []string{earned[0].Id}}))(t)
	if got := done.CommissionApprove.Commissions[0]; got.Status != tributary.CommissionStatusApproved || got.Net.Amount != "4.99" {
		t.Errorf("approved %+v", got)
	}
	awaitApproved(t, c, "4.99")
	awaitReport(t, c, "4.99")
	batch := must(tributary.PayoutBatchCreate(ctx, c, tributary.PayoutBatchCreateInput{BatchKey: "first", Currency: "USD", IdempotencyKey: tributary.Key()}))(t).PayoutBatchCreate.Batch
	if batch.Count != 1 || batch.Total.Amount != "4.99" {
		t.Errorf("batch %+v", batch)
	}
	_, err := tributary.PayoutBatchApprove(ctx, c, tributary.PayoutBatchApproveInput{Id: batch.Id, ExpectedVersion: &batch.Version})
	fails(t, err, "FORBIDDEN") // by who has not verified the address
}

func tenPercent(s tributary.EarnedCommissionsCommissionExplanationStepsExplanationStep) bool {
	return strings.Contains(s.Text, "49.90 USD × 10 % = 4.99 USD")
}

func awaitApproved(t *testing.T, c *tributary.Client, amount string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for stats, err := range c.LiveStats(ctx, nil, nil) {
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range stats.Total {
			if row.Currency == "USD" && row.Approved == amount {
				return
			}
		}
	}
}

// awaitReport: reports follow within about a second.
func awaitReport(t *testing.T, c *tributary.Client, amount string) {
	t.Helper()
	today := time.Now().UTC()
	in := tributary.ReportInput{From: today.AddDate(0, 0, -1).Format(time.DateOnly), To: today.Format(time.DateOnly), DateBasis: tributary.DateBasisApproval}
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(250 * time.Millisecond) { // it costs more than most questions
		r := must(tributary.Report(t.Context(), c, in))(t).Report
		if len(r.Totals.Amounts) == 1 && r.Totals.Amounts[0].Approved == amount {
			return
		}
	}
	t.Error("the report does not come to what was approved")
}

func TestWhatIsRefusedAndWhatFailsAreToldApart(t *testing.T) {
	t.Parallel()
	at, c := open(t)
	_, err := tributary.ProgramCreate(t.Context(), c, program(""))
	var refused *tributary.Refused
	if !errors.As(err, &refused) || refused.UserErrors[0].Code != tributary.UserErrorCodeInvalid || !slices.Equal(refused.UserErrors[0].Field, []string{"input", "name"}) {
		t.Errorf("an empty name: %v", err)
	}
	stranger := tributary.New(tributary.Config{URL: at, Token: tributary.Bearer("trb_live_nonsense")})
	_, err = tributary.EventFeed(t.Context(), stranger, nil, nil, nil)
	fails(t, err, tributary.CodeUnauthenticated)
	for _, err := range stranger.Events(t.Context(), nil) {
		fails(t, err, tributary.CodeUnauthenticated)
	}
}

func fails(t *testing.T, err error, code string) {
	t.Helper()
	var failed *tributary.Error
	if !errors.As(err, &failed) || failed.Code != code {
		t.Errorf("got %v, not %s", err, code)
	}
}

func TestASessionIsATokenThatGoesOn(t *testing.T) {
	t.Parallel()
	at, _ := open(t)
	who := tributary.LogInInput{Email: "you@acme.example", Password: "correct horse battery"}
	s, err := tributary.SignIn(t.Context(), at, who)
	if err != nil {
		t.Fatal(err)
	}
	must(tributary.EventFeed(t.Context(), tributary.New(tributary.Config{URL: at, Token: s.Token}), nil, nil, nil))(t)
	who.Password = "not the password"
	_, err = tributary.SignIn(t.Context(), at, who)
	fails(t, err, tributary.CodeUnauthenticated)
}

func TestOnlyWhatMayBeRepeatedIsSentAgain(t *testing.T) {
	t.Parallel()
	_, c := open(t)
	for _, one := range []struct {
		name       string
		key        *string
		lost, left int64
		fails      bool
	}{{"with a key", tributary.Key(), 2, 0, false}, {"without a key", nil, 2, 1, true}} {
		r := &road{}
		way := r.by(t, c)
		way.HTTP = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		r.lose.Store(one.lost)
		input := program("Acme " + one.name)
		input.IdempotencyKey = one.key
		_, err := tributary.ProgramCreate(t.Context(), way, input)
		if (err != nil) != one.fails || r.lose.Load() != one.left {
			t.Errorf("%s: %v, and %d answers left to lose", one.name, err, r.lose.Load())
		}
	}
	var data struct{ Programs struct{ TotalCount int } }
	err := c.MakeRequest(t.Context(), &graphql.Request{Query: "query { programs { totalCount } }"}, &graphql.Response{Data: &data})
	if err != nil || data.Programs.TotalCount != 2 {
		t.Errorf("%d programs were made of two commands: %v", data.Programs.TotalCount, err)
	}
}

func TestEachEventOnceAndInOrderThroughCuts(t *testing.T) {
	t.Parallel()
	_, c := open(t)
	for range 20 {
		must(tributary.ProgramCreate(t.Context(), c, program("Acme")))(t)
	}
	feed, beginning := history(t, c, 20), ""
	r := &road{budget: []int64{1700, 700, 2900, 4100}}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var heard []string
	for event, err := range r.by(t, c).Events(ctx, &beginning) {
		if err != nil {
			t.Fatal(err)
		}
		if heard = append(heard, event.Id); len(heard) == len(feed) {
			break
		}
	}
	for i, event := range feed {
		if heard[i] != event.Id {
			t.Fatalf("event %d is %s, not %s", i, heard[i], event.Id)
		}
	}
	if r.cuts.Load() < 2 {
		t.Errorf("%d cuts", r.cuts.Load())
	}
}

// history is the journal from its beginning, as soon as so many programs are in it.
func history(t *testing.T, c *tributary.Client, programs int) []tributary.EventFeedEventFeedEventsEvent {
	t.Helper()
	hundred := 100
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		all := must(tributary.EventFeed(t.Context(), c, nil, &hundred, nil))(t).EventFeed.Events
		made := 0
		for _, event := range all {
			if event.Type == "program.created" {
				made++
			}
		}
		if made == programs {
			return all
		}
	}
	t.Fatalf("%d programs are not in the journal", programs)
	return nil
}

func TestAFeedEndsWithItsContext(t *testing.T) {
	t.Parallel()
	_, c := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	for _, err := range c.Events(ctx, nil) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
}
