package store

import (
	"context"
	"fmt"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/intercept"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

// seen says which of a merchant's rows an affiliate may see.
type seen int

const (
	never     seen = iota // none: the default for a new table
	everybody             // terms and places that every member may read
	own                   // rows whose affiliate_id is the affiliate's
	self                  // the affiliate's own row
	credited              // conversions the affiliate earned from
	booked                // entries of the affiliate's accounts
)

// rule is how the wall treats one entity.
type rule struct {
	prefix    id.Prefix
	merchant  string // column that names the merchant; empty for the global tables
	affiliate seen
}

// rules covers every entity; a test walks the generated tables and fails on one
// that is missing. Global, and why: a User may belong to several merchants, and
// a OneTimeCode is a user's; a Follower reads the journal of all of them; a
// RateBucket is spent by addresses that belong to nobody, too; an ExchangeRate is
// what a bank published, the same for all. A Merchant is its own owner.
var rules = map[string]rule{
	ent.TypeUser:               {id.User, "", never},
	ent.TypeFollower:           {"", "", never},
	ent.TypeOneTimeCode:        {id.Code, "", never},
	ent.TypeRateBucket:         {"", "", never},
	ent.TypeExchangeRate:       {id.ExchangeRate, "", never},
	ent.TypeMerchant:           {id.Merchant, "id", everybody},
	ent.TypeMembership:         {id.Membership, "merchant_id", own},
	ent.TypeSession:            {id.Session, "merchant_id", never},
	ent.TypeApiToken:           {id.Token, "merchant_id", own},
	ent.TypeHost:               {id.Host, "merchant_id", everybody},
	ent.TypeProgram:            {id.Program, "merchant_id", everybody},
	ent.TypeAffiliate:          {id.Affiliate, "merchant_id", self},
	ent.TypeAffiliateGroup:     {id.Group, "merchant_id", never},
	ent.TypeEnrollment:         {id.Enrollment, "merchant_id", own},
	ent.TypeLink:               {id.Link, "merchant_id", own},
	ent.TypeCoupon:             {id.Coupon, "merchant_id", own},
	ent.TypeClick:              {id.Click, "merchant_id", own},
	ent.TypeTouch:              {id.Touch, "merchant_id", own},
	ent.TypeCustomer:           {id.Customer, "merchant_id", never},
	ent.TypeConversion:         {id.Conversion, "merchant_id", credited},
	ent.TypeConversionLine:     {id.Line, "merchant_id", never},
	ent.TypeRefund:             {id.Refund, "merchant_id", never},
	ent.TypeAttributionPolicy:  {id.Policy, "merchant_id", everybody},
	ent.TypeAttribution:        {id.Attribution, "merchant_id", own},
	ent.TypeCommissionPlan:     {id.Plan, "merchant_id", everybody},
	ent.TypePlanVersion:        {id.PlanVersion, "merchant_id", everybody},
	ent.TypeCommission:         {id.Commission, "merchant_id", own},
	ent.TypeLedgerAccount:      {id.Account, "merchant_id", own},
	ent.TypeLedgerTransaction:  {id.Transaction, "merchant_id", never},
	ent.TypeLedgerEntry:        {id.Entry, "merchant_id", booked},
	ent.TypeLedgerCheckpoint:   {id.Checkpoint, "merchant_id", never},
	ent.TypeLedgerLock:         {id.LedgerLock, "merchant_id", never},
	ent.TypePayoutMethod:       {id.PayoutMethod, "merchant_id", own},
	ent.TypePayout:             {id.Payout, "merchant_id", own},
	ent.TypePayoutBatch:        {id.Batch, "merchant_id", never},
	ent.TypeEvent:              {id.Event, "merchant_id", own},
	ent.TypeEventOrder:         {"", "merchant_id", never},
	ent.TypeIdempotencyRecord:  {id.Idempotency, "merchant_id", never},
	ent.TypeIntegration:        {id.Integration, "merchant_id", never},
	ent.TypeWebhookReceipt:     {id.Receipt, "merchant_id", never},
	ent.TypeAuditRecord:        {id.Audit, "merchant_id", never},
	ent.TypeDispute:            {id.Dispute, "merchant_id", own},
	ent.TypeDisputeComment:     {id.Comment, "merchant_id", own},
	ent.TypeTally:              {id.Tally, "merchant_id", own},
	ent.TypeRollup:             {id.Rollup, "merchant_id", own},
	ent.TypeRollupSource:       {id.RollupSource, "merchant_id", never},
	ent.TypePersistedOperation: {id.Operation, "merchant_id", never},

	ent.TypeSimulation:           {id.Simulation, "merchant_id", never},
	ent.TypeSimulationDifference: {id.Difference, "merchant_id", never},
	ent.TypeSimulationAffiliate:  {id.Simulated, "merchant_id", never},

	ent.TypeWebhookEndpoint: {id.Endpoint, "merchant_id", never},
	ent.TypeWebhookDelivery: {id.Delivery, "merchant_id", never},
	ent.TypeWebhookAttempt:  {id.Attempt, "merchant_id", never},
	ent.TypeAffiliateMerge:  {id.Merge, "merchant_id", never},
	ent.TypeClickDay:        {id.ClickDay, "merchant_id", never},
	ent.TypeTermsNotice:     {id.TermsNotice, "merchant_id", never},
	ent.TypeOrderAlias:      {id.OrderAlias, "merchant_id", never},
	ent.TypeFieldMap:        {id.FieldMap, "merchant_id", never},
	ent.TypeSyncFeed:        {id.Feed, "merchant_id", never},
	ent.TypeSyncItem:        {id.Item, "merchant_id", never},
	ent.TypeSyncTransfer:    {id.Transfer, "merchant_id", never},
	ent.TypeReconciliation:  {id.Reconciled, "merchant_id", never},
	ent.TypeExport:          {id.Export, "merchant_id", never},
	ent.TypeExportPart:      {id.ExportPart, "merchant_id", never},
	ent.TypeProvenance:      {id.Provenance, "merchant_id", never},
	ent.TypeBrand:           {id.Brand, "merchant_id", everybody},
}

// walled installs the run-time wall: the interceptor that filters every query,
// and the hook that stamps or filters every write or, for the client that is
// used outside commands, refuses it.
func walled(c *ent.Client, writes ent.Hook) *ent.Client {
	c.Intercept(intercept.TraverseFunc(wallRead))
	c.Use(writes)
	return c
}

func wallRead(ctx context.Context, q intercept.Query) error {
	if hold, ok := ctx.Value(beforeReading{}).(func() error); ok {
		if err := hold(); err != nil {
			return err
		}
	}
	filter, err := fence(ctx, q.Type())
	if err != nil || filter == nil {
		return err
	}
	q.WhereP(filter)
	return nil
}

// fence gives the predicate that keeps the viewer in ctx to its own rows.
func fence(ctx context.Context, entity string) (func(*sql.Selector), error) {
	r, known := rules[entity]
	v, ok := trust.From(ctx)
	switch {
	case !known:
		return nil, fmt.Errorf("the wall has no rule for %s", entity)
	case !ok:
		return nil, problem.New(problem.Unauthenticated, "sign in or send a token").Because(trust.ErrUnauthenticated)
	case r.merchant == "":
		return nil, fmt.Errorf("%s is global: use a door", entity)
	}
	return func(s *sql.Selector) {
		mine := sql.EQ(s.C(r.merchant), v.MerchantID)
		if v.AffiliateID != "" {
			mine = sql.And(mine, r.affiliate.fence(s, v))
		}
		// Not Where: after a caller's dangling Or it would widen instead of narrow.
		if asked := s.P(); asked != nil {
			mine = sql.And(asked, mine)
		}
		s.SetP(mine)
	}, nil
}

func (w seen) fence(s *sql.Selector, v trust.Viewer) *sql.Predicate {
	switch w {
	case everybody:
		return sql.NotNull(s.C("id"))
	case own:
		return sql.EQ(s.C("affiliate_id"), v.AffiliateID)
	case self:
		return sql.EQ(s.C("id"), v.AffiliateID)
	case credited:
		// What an upline earns on a sale is its own; the order is the seller's to see.
		return exists(s, "commissions", "conversion_id", s.C("id"), v, func(t *sql.SelectTable) *sql.Predicate { return sql.NEQ(t.C("kind"), "OVERRIDE") })
	case booked:
		return exists(s, "ledger_accounts", "id", s.C("account_id"), v)
	}
	return sql.False()
}

// exists keeps rows for which the affiliate has a row in table whose column is value.
func exists(s *sql.Selector, table, column, value string, v trust.Viewer, more ...func(*sql.SelectTable) *sql.Predicate) *sql.Predicate {
	t := sql.Dialect(s.Dialect()).Table(table)
	all := []*sql.Predicate{
		sql.EQ(t.C("merchant_id"), v.MerchantID),
		sql.ColumnsEQ(t.C(column), value),
		sql.EQ(t.C("affiliate_id"), v.AffiliateID),
	}
	for _, one := range more {
		all = append(all, one(t))
	}
	return sql.Exists(sql.Dialect(s.Dialect()).Select(t.C("id")).From(t).Where(sql.And(all...)))
}

// refuseWrites is the hook of the client for reading: what it wrote would be
// outside the command's transaction, without its events and its audit row.
func refuseWrites(ent.Mutator) ent.Mutator {
	return ent.MutateFunc(func(_ context.Context, m ent.Mutation) (ent.Value, error) {
		return nil, fmt.Errorf("%s is written outside a command", m.Type())
	})
}

// wallWrite is the hook of the client inside a command.
func wallWrite(next ent.Mutator) ent.Mutator {
	return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) {
		tx, ok := txIn(ctx)
		if !ok {
			return nil, fmt.Errorf("%s is written without the command's context", m.Type())
		}
		var err error
		if m.Op().Is(ent.OpCreate) {
			err = stamp(ctx, m, tx.now)
		} else {
			err = keepOwn(ctx, m, tx.now)
		}
		if err == nil {
			err = tx.record(ctx, m)
		}
		if err != nil {
			return nil, err
		}
		return next.Mutate(ctx, m)
	})
}

// stamp fills what a caller may not choose: id, merchant and instants.
func stamp(ctx context.Context, m ent.Mutation, now time.Time) error {
	r, known := rules[m.Type()]
	v, ok := trust.From(ctx)
	if !known || !ok {
		return problem.New(problem.Unauthenticated, "sign in or send a token").Because(trust.ErrUnauthenticated)
	}
	if row, has := m.(interface {
		ID() (string, bool)
		SetID(string)
	}); has && r.prefix != "" {
		if _, set := row.ID(); !set {
			row.SetID(id.New(r.prefix, now))
		}
	}
	if r.merchant == "merchant_id" {
		if given, set := m.Field("merchant_id"); set && given != v.MerchantID {
			return problem.New(problem.Forbidden, "the row belongs to another merchant")
		}
		if err := m.SetField("merchant_id", v.MerchantID); err != nil {
			return err
		}
		if err := ownOnly(m, r, v); err != nil {
			return err
		}
	}
	return stampTimes(m, now)
}

// ownOnly refuses an affiliate the making of rows that are not its own. What a
// rule makes on an affiliate's behalf it makes with the system's viewer.
func ownOnly(m ent.Mutation, r rule, v trust.Viewer) error {
	if v.AffiliateID == "" {
		return nil
	}
	if r.affiliate != own {
		return problem.New(problem.Forbidden, "an affiliate does not make this")
	}
	if given, _ := m.Field("affiliate_id"); given != v.AffiliateID {
		return problem.New(problem.NotFound, "the affiliate was not found")
	}
	return nil
}

func stampTimes(m ent.Mutation, now time.Time) error {
	if row, has := m.(interface{ SetCreatedAt(time.Time) }); has && m.Op().Is(ent.OpCreate) {
		row.SetCreatedAt(now)
	}
	if row, has := m.(interface{ SetUpdatedAt(time.Time) }); has {
		row.SetUpdatedAt(now)
	}
	return nil
}

// keepOwn filters an update or a deletion, and counts the edit.
func keepOwn(ctx context.Context, m ent.Mutation, now time.Time) error {
	if r := rules[m.Type()]; r.merchant != "" {
		filter, err := fence(ctx, m.Type())
		if err != nil {
			return err
		}
		m.(interface{ WhereP(...func(*sql.Selector)) }).WhereP(filter)
		if err := affiliateKeeps(ctx, m, r); err != nil {
			return err
		}
	}
	if m.Op().Is(ent.OpDelete | ent.OpDeleteOne) {
		return nil
	}
	if row, has := m.(interface{ AddVersion(int) }); has {
		row.AddVersion(1)
	}
	if err := stampTimes(m, now); err != nil {
		return err
	}
	return changes(m)
}

// changes refuses an update that changes no column: ent sends no UPDATE, whose
// condition would find that the row is another's, and gives the row back.
func changes(m ent.Mutation) error {
	if len(m.Fields())+len(m.AddedFields())+len(m.ClearedFields()) == 0 {
		return fmt.Errorf("the update of %s changes nothing", m.Type())
	}
	return nil
}

// affiliateKeeps refuses an affiliate the change of terms that it may read, and
// the giving away of a row that is its own.
func affiliateKeeps(ctx context.Context, m ent.Mutation, r rule) error {
	v, _ := trust.From(ctx)
	if v.AffiliateID == "" {
		return nil
	}
	if r.affiliate != own && r.affiliate != self {
		return problem.New(problem.Forbidden, "an affiliate does not change this")
	}
	given, set := m.Field("affiliate_id")
	if set && given != v.AffiliateID || m.FieldCleared("affiliate_id") {
		return problem.New(problem.NotFound, "the affiliate was not found")
	}
	return nil
}
