package problem_test

import (
	"testing"

	"github.com/tributary/tributary/internal/problem"
)

// TestCodesArePresentedAsPublished types the whole contract a second time, by
// its texts: renaming a code or moving it across the line breaks clients.
func TestCodesArePresentedAsPublished(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		code   problem.Code
		text   string
		user   bool
		status int
	}{
		{problem.Invalid, "INVALID", true, 400},
		{problem.NotFound, "NOT_FOUND", true, 404},
		{problem.Taken, "TAKEN", true, 409},
		{problem.Conflict, "CONFLICT", true, 409},
		{problem.State, "WRONG_STATE", true, 409},
		{problem.TooLarge, "TOO_LARGE", true, 413},
		{problem.CurrencyUnknown, "CURRENCY_UNKNOWN", true, 422},
		{problem.CurrencyMismatch, "CURRENCY_MISMATCH", true, 422},
		{problem.AmountPrecision, "AMOUNT_PRECISION", true, 422},
		{problem.AmountRange, "AMOUNT_RANGE", true, 422},
		{problem.RefundExceeds, "REFUND_EXCEEDS_ORDER", true, 422},
		{problem.BelowThreshold, "BELOW_THRESHOLD", true, 422},
		{problem.Insufficient, "INSUFFICIENT_BALANCE", true, 422},
		{problem.BadRequest, "BAD_REQUEST", false, 400},
		{problem.ParseFailed, "GRAPHQL_PARSE_FAILED", false, 400},
		{problem.ValidationFailed, "GRAPHQL_VALIDATION_FAILED", false, 400},
		{problem.TooComplex, "TOO_COMPLEX", false, 400},
		{problem.Unauthenticated, "UNAUTHENTICATED", false, 401},
		{problem.Forbidden, "FORBIDDEN", false, 403},
		{problem.MethodNotAllowed, "METHOD_NOT_ALLOWED", false, 405},
		{problem.NotAcceptable, "NOT_ACCEPTABLE", false, 406},
		{problem.UnsupportedMedia, "UNSUPPORTED_MEDIA_TYPE", false, 415},
		{problem.KeyReused, "IDEMPOTENCY_KEY_REUSED", false, 422},
		{problem.InFlight, "IDEMPOTENCY_IN_FLIGHT", false, 409},
		{problem.CursorExpired, "CURSOR_EXPIRED", false, 410},
		{problem.RateLimited, "RATE_LIMITED", false, 429},
		{problem.NotRegistered, "OPERATION_NOT_REGISTERED", false, 403},
		{problem.MoreErrors, "MORE_ERRORS", false, 400},
		{problem.UnknownDocument, "PERSISTED_QUERY_NOT_FOUND", false, 404},
		{problem.Unavailable, "UNAVAILABLE", false, 503},
		{problem.Deadline, "DEADLINE_EXCEEDED", false, 504},
		{problem.Internal, "INTERNAL", false, 500},
		{problem.Code("NEVER_HEARD_OF"), "NEVER_HEARD_OF", false, 500},
	} {
		if string(row.code) != row.text {
			t.Errorf("text %q, want %q", row.code, row.text)
		}
		if got := row.code.User(); got != row.user {
			t.Errorf("%s: User() = %v", row.code, got)
		}
		if got := row.code.HTTPStatus(); got != row.status {
			t.Errorf("%s: status %d, want %d", row.code, got, row.status)
		}
	}
}
