package graph

import (
	"context"
	"strings"

	"entgo.io/contrib/entgql"
	"github.com/99designs/gqlgen/graphql"

	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
)

// listed says which ids the cursors of a list carry, by the type of its connection.
var listed = map[string]id.Prefix{
	"AffiliateConnection":          id.Affiliate,
	"AffiliateGroupConnection":     id.Group,
	"ApiTokenConnection":           id.Token,
	"AttributionPolicyConnection":  id.Policy,
	"AuditRecordConnection":        id.Audit,
	"ClickConnection":              id.Click,
	"CommissionConnection":         id.Commission,
	"CommissionPlanConnection":     id.Plan,
	"ConversionConnection":         id.Conversion,
	"CouponConnection":             id.Coupon,
	"CustomerConnection":           id.Customer,
	"DisputeConnection":            id.Dispute,
	"DisputeCommentConnection":     id.Comment,
	"EnrollmentConnection":         id.Enrollment,
	"HostConnection":               id.Host,
	"IntegrationConnection":        id.Integration,
	"LedgerAccountConnection":      id.Account,
	"LedgerLockConnection":         id.LedgerLock,
	"LedgerTransactionConnection":  id.Transaction,
	"LinkConnection":               id.Link,
	"MembershipConnection":         id.Membership,
	"PayoutBatchConnection":        id.Batch,
	"PayoutConnection":             id.Payout,
	"PersistedOperationConnection": id.Operation,
	"ProgramConnection":            id.Program,
	"SyncDeadLetterPage":           id.Item,
	"TreePage":                     id.Affiliate,
	"WebhookReceiptConnection":     id.Receipt,

	"WebhookEndpointConnection": id.Endpoint,
	"WebhookDeliveryConnection": id.Delivery,
	"WebhookAttemptConnection":  id.Attempt,

	"SimulationConnection":           id.Simulation,
	"SimulationDifferenceConnection": id.Difference,
	"SimulationAffiliateConnection":  id.Simulated,
}

// ownCursors refuses the cursor of another list. Where such a row would stand here
// is a matter of chance: the page after it could be empty, and look like the end.
func ownCursors(ctx context.Context, next graphql.Resolver) (any, error) {
	fc := graphql.GetFieldContext(ctx)
	for _, name := range []string{"after", "before"} {
		cursor, is := fc.Args[name].(*entgql.Cursor[string])
		if is && cursor != nil && !strings.HasPrefix(cursor.ID, string(listed[fc.Field.Definition.Type.Name()])+"_") {
			return nil, problem.At(problem.Invalid, name, "not a cursor of this list")
		}
	}
	return next(ctx)
}
