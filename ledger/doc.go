// Package ledger is the double-entry book that everyone who moves money writes in.
//
// It means: a [Posting] is one transaction of two or more sides in one
// currency; credits are positive, debits negative, and the sides sum to zero.
// An affiliate has three accounts in each currency: PENDING (earned, not yet
// approved), PAYABLE (approved, owed) and RESERVED (in a payout under way). The
// merchant has three: EXPENSE (what affiliates cost), CLEARING (what was sent) and
// EXCHANGE, where what is earned in one currency becomes what is paid in another: in
// two transactions, one in either.
//
// A transaction names its cause and, when it takes another one back, that one.
// It has two times: when its cause happened, which says in whose period it
// counts, and when it was recorded, which says as of when it is known. [Service.Lock]
// closes a period: what is told later counts in the open one.
//
// It owns LedgerLock, LedgerAccount, LedgerTransaction, LedgerEntry and LedgerCheckpoint.
// The steps (…In) write inside the caller's command and never commit; after an
// error from a step the command must fail or go back to a savepoint.
//
// The accounts of an affiliate who was merged into another are closed (merge.go): what
// was in them went to the survivor's, and whatever is posted to them goes there too.
//
// It refuses an unbalanced or mixed posting, a second posting for one cause
// unless it says the same, a reservation beyond what is payable, and to take
// from a commission or payout more than it has where it is taken from.
//
// Invariants: entries and transactions are never changed or removed (the
// database refuses it); one source key posts once; the balance kept on a
// guarded account (PAYABLE, RESERVED) equals the sum of its entries; RESERVED is
// never negative, PAYABLE only by a reversal or an adjustment, as a debt carried
// forward; a checkpoint stays right for ever.
package ledger
