package track

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/attributionpolicy"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track/attribution"
)

const day = 24 * time.Hour

// PolicyActivateInput is a new version of a program's rules on credit.
type PolicyActivateInput struct {
	ProgramID     string
	WindowDays    int                       // 1–400
	Precedence    []attribution.Kind        // strongest first; empty: coupon before click
	Coupons       attribution.CouponRule    // empty: the first listed of several codes
	OnSuspended   attribution.SuspendedRule // empty: NEXT
	Model         attribution.Model         // empty: LAST_NON_DIRECT
	First, Last   int                       // percentages of POSITION
	HalfLifeHours int                       // of TIME_DECAY
	Windows       []AffiliateWindow         // of single affiliates
	Lifetime      attribution.Lifetime      // empty: buyers are not bound
	LifetimeDays  int                       // of UNTIL_EXPIRY
	ValidFrom     *time.Time                // nil: now; never in the past, where decisions are made already
}

// AffiliateWindow is an affiliate's own window.
type AffiliateWindow struct {
	AffiliateID string
	WindowDays  int // 1–400
}

// policy gives the rules that the input spells.
func (in PolicyActivateInput) policy() attribution.Policy {
	p := attribution.DefaultPolicy()
	p.Window, p.OnSuspended = times(in.WindowDays, day), orDefault(in.OnSuspended, p.OnSuspended)
	if len(in.Precedence) > 0 {
		p.Precedence = in.Precedence
	}
	p.Coupons = in.Coupons
	p.Model, p.First, p.Last, p.HalfLife = in.Model, int64(in.First), int64(in.Last), times(in.HalfLifeHours, time.Hour)
	for _, w := range in.Windows {
		p.Overrides = append(p.Overrides, attribution.Override{AffiliateID: w.AffiliateID, Window: times(w.WindowDays, day)})
	}
	p.Lifetime, p.LifetimeFor = in.Lifetime, times(in.LifetimeDays, day)
	return p
}

// times multiplies, and gives what no policy accepts for what would not fit.
func times(n int, unit time.Duration) time.Duration {
	if n < 0 || n > int(attribution.MaxLifetime/unit) {
		return -1
	}
	return time.Duration(n) * unit
}

// inputField names the input's field for each of the policy's that has another name.
var inputField = map[string]string{"window": "windowDays", "halfLife": "halfLifeHours", "affiliates": "affiliateWindows"}

// faultsOf gives every fault of a policy at the input's fields.
func faultsOf(p attribution.Policy) error {
	var all []error
	for _, f := range p.Validate() {
		for i, name := range f.Field {
			f.Field[i] = orDefault(inputField[name], name)
		}
		all = append(all, f)
	}
	if len(all) == 1 {
		return all[0]
	}
	return errors.Join(all...)
}

// PolicyOutcome names the version.
type PolicyOutcome struct {
	ID     string
	Number int
}

// PolicyActivate adds a version. Touches keep the window that was in force when
// they happened (Q41); decisions take the version in force when the conversion
// happened (Q44). Errors: NOT_FOUND programId or affiliateWindows.N.affiliateId,
// WRONG_STATE programId, INVALID validFrom; all that is INVALID in the rules
// themselves, joined, each with the path of its field.
func (s *Service) PolicyActivate(ctx context.Context, in PolicyActivateInput) (PolicyOutcome, error) {
	p := in.policy()
	if err := faultsOf(p); err != nil {
		return PolicyOutcome{}, err
	}
	var merchantID string
	out, err := store.Run(ctx, s.store, store.Command{Name: "attributionPolicyActivate"}, func(ctx context.Context, tx *store.Tx) (PolicyOutcome, error) {
		merchantID = tx.MerchantID()
		return activate(ctx, tx, in, p)
	})
	if err == nil {
		s.publish(ctx, merchantID, in.ProgramID)
	}
	return out, err
}

func orDefault[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}

// activate locks the program: two versions made at once would otherwise both
// take the next number, and one would fail.
func activate(ctx context.Context, tx *store.Tx, in PolicyActivateInput, p attribution.Policy) (PolicyOutcome, error) {
	from := tx.MerchantTime()
	if in.ValidFrom != nil {
		from = *utc(in.ValidFrom)
	}
	if from.Before(tx.MerchantTime()) {
		return PolicyOutcome{}, problem.At(problem.Invalid, "validFrom", "must not be in the past")
	}
	if err := tx.Lock(ctx, "programs", in.ProgramID); err != nil {
		return PolicyOutcome{}, err
	}
	if _, err := openProgram(ctx, tx, in.ProgramID); err != nil {
		return PolicyOutcome{}, err
	}
	if err := known(ctx, tx, p.Overrides); err != nil {
		return PolicyOutcome{}, err
	}
	versions, err := policies(ctx, tx, in.ProgramID)
	if err != nil {
		return PolicyOutcome{}, err
	}
	row, err := insertPolicy(tx, in.ProgramID, versions[len(versions)-1].Number+1, p, from).Save(ctx)
	if err != nil {
		return PolicyOutcome{}, err
	}
	tx.Note(row.ID, nil)
	tx.Emit(store.Event{Type: "policy.activated", Subject: row.ID, ProgramID: in.ProgramID, Facts: canon.Facts{
		"number": strconv.Itoa(row.Number), "valid_from": from.Format(time.RFC3339Nano),
	}})
	return PolicyOutcome{ID: row.ID, Number: row.Number}, nil
}

// known refuses a window for an affiliate who is not there.
func known(ctx context.Context, tx *store.Tx, overrides []attribution.Override) error {
	for i, o := range overrides {
		if _, err := tx.Ent().Affiliate.Get(ctx, o.AffiliateID); err != nil {
			return missing(err, fmt.Sprintf("affiliateWindows.%d.affiliateId", i), "affiliate")
		}
	}
	return nil
}

// insertPolicy writes a version. Its row names the longest window: a visitor's
// token is kept that long.
func insertPolicy(tx *store.Tx, programID string, number int, p attribution.Policy, from time.Time) *ent.AttributionPolicyCreate {
	return tx.Ent().AttributionPolicy.Create().SetID(tx.ID(id.Policy)).SetProgramID(programID).SetNumber(number).
		SetWindowSeconds(int64(p.Longest() / time.Second)).SetDocument(p.Encode()).SetValidFrom(from)
}

// policies gives a program's versions by number, at least one: version 1, the
// default for all time, is written on first use.
func policies(ctx context.Context, tx *store.Tx, programID string) ([]*ent.AttributionPolicy, error) {
	rows, err := policyRows(ctx, tx, programID)
	if err != nil || len(rows) > 0 {
		return rows, err
	}
	_, err = created(insertPolicy(tx, programID, 1, attribution.DefaultPolicy(), time.Unix(0, 0).UTC()).
		OnConflictColumns("merchant_id", "program_id", "number").DoNothing().Exec(ctx))
	if err != nil {
		return nil, err
	}
	return policyRows(ctx, tx, programID)
}

func policyRows(ctx context.Context, tx *store.Tx, programID string) ([]*ent.AttributionPolicy, error) {
	return tx.Ent().AttributionPolicy.Query().Where(attributionpolicy.ProgramID(programID)).
		Order(ent.Asc(attributionpolicy.FieldNumber)).All(ctx)
}

// inForce is the version with the latest beginning at or before the instant; of
// two that begin together, the later made. Version 1 begins before all time.
func inForce(versions []*ent.AttributionPolicy, at time.Time) *ent.AttributionPolicy {
	found := versions[0]
	for _, v := range versions[1:] {
		if !v.ValidFrom.After(at) && !v.ValidFrom.Before(found.ValidFrom) {
			found = v
		}
	}
	return found
}
