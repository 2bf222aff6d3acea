// Package earn accepts orders and decides what they earn.
//
// It means: an order goes in by one verb, AcceptOrder; a refund, an edit and a
// cancellation walk the same road. In one transaction the conversion is
// recorded, credit is decided from frozen facts, commission is computed under
// the plan version in force, posted in the ledger, and said in events.
//
// It owns plans and their versions, attributions (the decisions with their
// facts) and commissions. It refuses to edit what was posted: a change reverses
// or adds. Commission is computed in the order's currency; for an affiliate who is
// paid in another it is converted once, by the rate of the day it was earned on, which
// stays with it for whatever is taken back (Q09).
//
// Invariants:
//   - one order is one conversion, however often and by however many callers it
//     is reported; the first commission of a conversion is accrued once;
//   - a sale is never lost to a rule: when rating fails, the conversion commits
//     as UNRATED and is rated later;
//   - what is left of the commissions of a conversion depends on what is left of
//     its lines, never on the order or number of refunds and edits (Q03);
//   - affiliates who share the credit have a commission each, and each is settled
//     by itself to what is left of the lines: at nothing, to nothing (N17);
//   - a decision is replaced by another, never changed: what the one before earned is
//     taken back whole and set aside, and no refund, edit or binding meets it again;
//   - what refunds leave to be taken back of a commission is reversed of it, or the
//     merchant bears it: together never above what was accrued (Q02, Q13);
//   - where tiers count for a whole period, what is left of each of its sales depends
//     on where the period stands and on its own refunds, never on which came first (C14);
//   - a bonus is accrued once, whoever finds it owed and however often (C16, C17);
//   - a commission's status stands for one ledger account, and a change of
//     status moves exactly what is left of it (Q73);
//   - a commission and an attribution explain themselves from their own bytes.
//
// Locks: every command that touches a conversion's commissions takes the lock of
// the conversion first, then those of ledger accounts. Without the first, an
// approval and a refund could each move the same cents; with another order they
// could each wait for the other. What follows a period (tiers that count for all of
// it, goals) is changed under the enrolments' locks, taken after the conversion's and
// before the ledger's: so one order restates others without their locks.
package earn
