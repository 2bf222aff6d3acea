// Package audit shows who did what.
//
// It means: a record is one thing that was done at a merchant, or was refused
// there: a mutation, a log-in, an export, a change of role, a use of the door by
// a credential that opens nothing. What wrote it is the command itself, in its
// own transaction (see internal/store); of a refusal, a command of its own.
//
// It owns the questions about records, and their export. It writes one row: that
// of the export, before the first byte leaves.
//
// It refuses whoever lacks audit:read, and puts that on record too.
//
// Invariants: records are append-only and hold no personal value and no secret;
// an export holds each record of its period once, in order, and no cell that a
// spreadsheet would take for a formula.
package audit
