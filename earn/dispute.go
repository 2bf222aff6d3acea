package earn

import (
	"context"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/ent/dispute"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track/order"
	"github.com/tributary/tributary/trust"
)

// Bounds of a dispute.
const (
	maxEvidence = 4000 // bytes of one text
	MaxLinks    = 5
	MaxComments = 200
)

// DisputeOpenInput is an affiliate's claim.
type DisputeOpenInput struct {
	AffiliateID     string // the viewer's own when empty
	ProgramID       string
	ConversionID    string // of a sale that is wrong; else it is missing, and:
	OrderExternalID string
	OccurredAt      time.Time
	Amount          money.Money // what was sold
	ClickID         string      // may be empty, as the coupon
	CouponCode      string
	Evidence        string // 1 to 4000 bytes
	Links           []string
}

// DisputeOutcome names the dispute.
type DisputeOutcome struct{ DisputeID string }

// The events of a dispute. Facts of all: kind, status, conversion_id where there is
// one; of decisions also effect, outcome_id and automatic.
const (
	eventDisputeOpened    = "dispute.opened"
	eventDisputeAnswered  = "dispute.answered" // the merchant's first comment
	eventDisputeCommented = "dispute.commented"
	eventDisputeAccepted  = "dispute.accepted"
	eventDisputeDeclined  = "dispute.declined"
	eventDisputeWithdrawn = "dispute.withdrawn"
	eventDisputeEscalated = "dispute.escalated" // overdue: somebody is to decide; once
)

// DisputeOpen puts a claim on record, with what the platform knows of the sale. It may
// be opened for as many days after the sale as the program says, once at a time for a
// sale. Errors: INVALID, TOO_LARGE links; NOT_FOUND programId, affiliateId,
// conversionId or clickId, of what is not the affiliate's too; WRONG_STATE occurredAt
// when the days are over; CONFLICT when the sale is disputed already.
func (s *Service) DisputeOpen(ctx context.Context, in DisputeOpenInput) (DisputeOutcome, error) {
	if v, ok := trust.From(ctx); ok && in.AffiliateID == "" {
		in.AffiliateID = v.AffiliateID
	}
	if err := in.check(); err != nil {
		return DisputeOutcome{}, err
	}
	return store.Run(ctx, s.store, store.Command{Name: "disputeOpen"}, func(ctx context.Context, tx *store.Tx) (DisputeOutcome, error) {
		return s.disputeOpenIn(ctx, tx, in)
	})
}

func (in *DisputeOpenInput) check() error {
	in.Evidence = strings.TrimSpace(in.Evidence)
	switch {
	case !words(in.Evidence):
		return problem.At(problem.Invalid, "evidence", "must be text of 1 to %d bytes", maxEvidence)
	case len(in.Links) > MaxLinks:
		return problem.At(problem.TooLarge, "links", "must be at most %d", MaxLinks)
	case in.ConversionID != "":
		return in.checkLinks()
	case in.OrderExternalID == "" || len(in.OrderExternalID) > order.MaxID || !utf8.ValidString(in.OrderExternalID):
		return problem.At(problem.Invalid, "orderExternalId", "name the order, or the conversion that is wrong")
	case in.OccurredAt.IsZero():
		return problem.At(problem.Invalid, "occurredAt", "say when the sale happened")
	case in.Amount.Minor <= 0 || in.Amount.Currency == "":
		return problem.At(problem.Invalid, "amount", "say what was sold")
	case len(in.CouponCode) > 64 || !utf8.ValidString(in.CouponCode):
		return problem.At(problem.Invalid, "couponCode", "must be at most 64 bytes")
	}
	return in.checkLinks()
}

func (in *DisputeOpenInput) checkLinks() error {
	for _, l := range in.Links {
		u, err := url.Parse(l)
		if err != nil || len(l) > 2048 || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return problem.At(problem.Invalid, "links", "each must be an address that begins with https:// or http://")
		}
	}
	return nil
}

// words reports whether somebody said something that can be kept.
func words(s string) bool {
	return s != "" && len(s) <= maxEvidence && utf8.ValidString(s) && !strings.ContainsRune(s, 0)
}

func (s *Service) disputeOpenIn(ctx context.Context, tx *store.Tx, in DisputeOpenInput) (DisputeOutcome, error) {
	p, err := tx.Ent().Program.Get(ctx, in.ProgramID)
	if err != nil {
		return DisputeOutcome{}, missing(err, "programId", "program")
	}
	if _, err := tx.Ent().Affiliate.Get(ctx, in.AffiliateID); err != nil {
		return DisputeOutcome{}, missing(err, "affiliateId", "affiliate")
	}
	row := tx.Ent().Dispute.Create().SetID(tx.ID(id.Dispute)).SetProgramID(p.ID).SetAffiliateID(in.AffiliateID).
		SetEvidence(in.Evidence).SetEvidenceLinks(in.Links).SetOpenedAt(tx.MerchantTime()).SetAnswerDueAt(tx.MerchantTime().AddDate(0, 0, p.DisputeAnswerDays))
	sale, err := in.sale(ctx, tx, row)
	if err != nil {
		return DisputeOutcome{}, err
	}
	if now := tx.MerchantTime(); in.OccurredAt.After(now.Add(order.MaxAhead)) || now.After(in.OccurredAt.AddDate(0, 0, p.DisputeDays)) {
		return DisputeOutcome{}, problem.At(problem.State, "occurredAt", "a sale may be disputed for %d days", p.DisputeDays)
	}
	t, err := s.traceFor(ctx, tx, sale, in.AffiliateID)
	if err != nil {
		return DisputeOutcome{}, err
	}
	d, err := row.SetOccurredAt(in.OccurredAt).SetCurrency(in.Amount.Currency).SetAmountMinor(in.Amount.Minor).SetTrace(t.own).SetStaffTrace(t.staff).Save(ctx)
	if store.IsUnique(err) {
		field := "orderExternalId"
		if in.ConversionID != "" {
			field = "conversionId"
		}
		return DisputeOutcome{}, problem.At(problem.Conflict, field, "the sale is disputed already, and nothing is decided yet")
	}
	if err != nil {
		return DisputeOutcome{}, err
	}
	tx.Note(d.ID, nil)
	emitDispute(tx, d, eventDisputeOpened, nil)
	return DisputeOutcome{DisputeID: d.ID}, nil
}

// sale fills in what the claim is about, and gives the conversion when there is one.
func (in *DisputeOpenInput) sale(ctx context.Context, tx *store.Tx, row *ent.DisputeCreate) (*ent.Conversion, error) {
	if in.ConversionID == "" {
		row.SetKind(dispute.KindMISSING).SetSaleKey("order:" + in.OrderExternalID).SetOrderExternalID(in.OrderExternalID).SetCouponCode(in.CouponCode)
		if in.ClickID != "" {
			if _, err := tx.Ent().Click.Get(ctx, in.ClickID); err != nil {
				return nil, missing(err, "clickId", "click")
			}
			row.SetClickID(in.ClickID)
		}
		sale, err := orderNamed(asSystem(ctx, tx), tx, in.ProgramID, in.OrderExternalID)
		if problem.CodeOf(err) == problem.NotFound {
			err = nil
		}
		return sale, err
	}
	sale, err := tx.Ent().Conversion.Get(ctx, in.ConversionID)
	if err == nil && sale.ProgramID != in.ProgramID {
		return nil, problem.At(problem.NotFound, "conversionId", "the conversion was not found")
	}
	if err != nil {
		return nil, missing(err, "conversionId", "conversion")
	}
	in.OccurredAt = sale.OccurredAt
	if in.Amount.Currency == "" {
		in.Amount = money.Of(sale.BaseMinor, sale.Currency)
	}
	row.SetKind(dispute.KindWRONG).SetSaleKey("conversion:" + sale.ID).SetConversionID(sale.ID).SetOrderExternalID(sale.ExternalID)
	return sale, nil
}

// orderNamed finds the one order of a program by the shop's id; NOT_FOUND for none,
// CONFLICT when two shops have one each.
func orderNamed(ctx context.Context, tx *store.Tx, programID, externalID string) (*ent.Conversion, error) {
	rows, err := tx.Ent().Conversion.Query().Where(conversion.ProgramID(programID), conversion.ExternalID(externalID)).Limit(2).All(ctx)
	switch {
	case err != nil:
		return nil, err
	case len(rows) == 0:
		return nil, problem.At(problem.NotFound, "conversionId", "the order is not known")
	case len(rows) > 1:
		return nil, problem.At(problem.Conflict, "conversionId", "two shops have an order of that number: name the conversion")
	}
	return rows[0], nil
}

// asSystem lets a command look at rows that are not its viewer's: what is disputed may
// be another affiliate's. What is read so is told to staff alone.
func asSystem(ctx context.Context, tx *store.Tx) context.Context {
	return trust.With(ctx, trust.System(tx.MerchantID()))
}

func emitDispute(tx *store.Tx, d *ent.Dispute, kind string, more canon.Facts) {
	facts := canon.Facts{"kind": string(d.Kind), "status": string(d.Status)}
	if d.ConversionID != nil {
		facts["conversion_id"] = *d.ConversionID
	}
	for k, v := range more {
		facts[k] = v
	}
	tx.Emit(store.Event{Type: kind, Subject: d.ID, ProgramID: d.ProgramID, AffiliateID: d.AffiliateID, Facts: facts})
}
