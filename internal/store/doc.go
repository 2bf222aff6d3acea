// Package store is the one way to the rows: it opens the database, keeps the
// wall around each merchant's rows, and runs every write as a command.
//
// It means: a command is idempotency → run → events → audit → commit, with one
// instant; the journal is what commands said happened, in commit order;
// followers read the journal and commit their effect together with their
// cursor. It owns Event, EventOrder, Follower, IdempotencyRecord and
// AuditRecord, the connections to both databases and all that differs between
// them. It refuses business rules, and every query without a viewer except the
// doors (door*.go), which are named and commented.
//
// Invariants: nothing is written outside [Run]; an event is visible to readers
// only after the transaction that emitted it; events have one order, and a
// place in it is never skipped or filled later; a key repeated gives the same
// outcome and no second effect; on SQLite, commands that share a transaction
// (docs/adr/0006) are answered after its commit and not before, and none of them
// takes back or ends what another did.
package store
