package graph

import (
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/affiliategroup"
	"github.com/tributary/tributary/ent/apitoken"
	"github.com/tributary/tributary/ent/attributionpolicy"
	"github.com/tributary/tributary/ent/auditrecord"
	"github.com/tributary/tributary/ent/click"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/commissionplan"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/ent/coupon"
	"github.com/tributary/tributary/ent/customer"
	"github.com/tributary/tributary/ent/dispute"
	"github.com/tributary/tributary/ent/disputecomment"
	"github.com/tributary/tributary/ent/enrollment"
	"github.com/tributary/tributary/ent/host"
	"github.com/tributary/tributary/ent/integration"
	"github.com/tributary/tributary/ent/ledgeraccount"
	"github.com/tributary/tributary/ent/ledgerlock"
	"github.com/tributary/tributary/ent/ledgertransaction"
	"github.com/tributary/tributary/ent/link"
	"github.com/tributary/tributary/ent/membership"
	"github.com/tributary/tributary/ent/merchant"
	"github.com/tributary/tributary/ent/payout"
	"github.com/tributary/tributary/ent/payoutbatch"
	"github.com/tributary/tributary/ent/payoutmethod"
	"github.com/tributary/tributary/ent/persistedoperation"
	"github.com/tributary/tributary/ent/program"
	"github.com/tributary/tributary/ent/simulation"
	"github.com/tributary/tributary/ent/simulationaffiliate"
	"github.com/tributary/tributary/ent/simulationdifference"
	"github.com/tributary/tributary/ent/webhookattempt"
	"github.com/tributary/tributary/ent/webhookdelivery"
	"github.com/tributary/tributary/ent/webhookendpoint"
	"github.com/tributary/tributary/ent/webhookreceipt"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

// kinds says which table an id's prefix names, and the scope that reading such
// a row needs: the same as its list. A kind that is not here has no node.
var kinds = map[id.Prefix]struct {
	table string
	scope trust.Scope
}{
	id.Merchant:     {merchant.Table, trust.ProgramRead},
	id.Membership:   {membership.Table, trust.MemberRead},
	id.Token:        {apitoken.Table, trust.TokenRead},
	id.Operation:    {persistedoperation.Table, trust.OperationRead},
	id.Host:         {host.Table, trust.ProgramRead},
	id.Program:      {program.Table, trust.ProgramRead},
	id.Affiliate:    {affiliate.Table, trust.AffiliateRead},
	id.Group:        {affiliategroup.Table, trust.AffiliateRead},
	id.Enrollment:   {enrollment.Table, trust.AffiliateRead},
	id.Link:         {link.Table, trust.LinkRead},
	id.Coupon:       {coupon.Table, trust.CouponRead},
	id.Click:        {click.Table, trust.ClickRead},
	id.Customer:     {customer.Table, trust.CustomerRead},
	id.Conversion:   {conversion.Table, trust.ConversionRead},
	id.Policy:       {attributionpolicy.Table, trust.PlanRead},
	id.Dispute:      {dispute.Table, trust.DisputeRead},
	id.Comment:      {disputecomment.Table, trust.DisputeRead},
	id.Plan:         {commissionplan.Table, trust.PlanRead},
	id.Simulation:   {simulation.Table, trust.PlanRead},
	id.Difference:   {simulationdifference.Table, trust.PlanRead},
	id.Simulated:    {simulationaffiliate.Table, trust.PlanRead},
	id.Commission:   {commission.Table, trust.CommissionRead},
	id.PayoutMethod: {payoutmethod.Table, trust.PayoutRead},
	id.Payout:       {payout.Table, trust.PayoutRead},
	id.Batch:        {payoutbatch.Table, trust.PayoutRead},
	id.Account:      {ledgeraccount.Table, trust.LedgerRead},
	id.Transaction:  {ledgertransaction.Table, trust.LedgerRead},
	id.LedgerLock:   {ledgerlock.Table, trust.LedgerRead},
	id.Integration:  {integration.Table, trust.IntegrationRead},
	id.Receipt:      {webhookreceipt.Table, trust.IntegrationRead},
	id.Endpoint:     {webhookendpoint.Table, trust.IntegrationRead},
	id.Delivery:     {webhookdelivery.Table, trust.IntegrationRead},
	id.Attempt:      {webhookattempt.Table, trust.IntegrationRead},
	id.Audit:        {auditrecord.Table, trust.AuditRead},
}

// node finds a row by id: nil when it is not there, not the viewer's, or of a
// kind the viewer may not read. The three answer alike.
func (r *Resolver) node(ctx context.Context, nodeID string) (ent.Noder, error) {
	prefix, _, err := id.Parse(nodeID)
	if err != nil {
		return nil, nil
	}
	kind, known := kinds[prefix]
	if !known {
		return nil, nil
	}
	if _, err := trust.Require(ctx, kind.scope); err != nil {
		return nil, nil
	}
	row, err := r.Store.Client().Noder(ctx, nodeID, ent.WithFixedNodeType(kind.table))
	if ent.IsNotFound(err) {
		return nil, nil
	}
	return row, err
}

// nodesLimit bounds one nodes query.
const nodesLimit = 100

func (r *Resolver) nodes(ctx context.Context, ids []string) ([]ent.Noder, error) {
	if len(ids) > nodesLimit {
		return nil, problem.At(problem.Invalid, "ids", "at most %d", nodesLimit)
	}
	out := make([]ent.Noder, len(ids))
	for i, one := range ids {
		row, err := r.node(ctx, one)
		if err != nil {
			return nil, err
		}
		out[i] = row
	}
	return out, nil
}
