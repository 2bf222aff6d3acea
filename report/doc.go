// Package report answers what the numbers are, and shows them move.
//
// It means: a tally is the running sum of one program's day for one affiliate in
// one currency; stats are tallies added up; live stats are tallies of today and
// of all time, said again after each change. A rollup is the numbers of a quarter
// of an hour by everything that a report can ask by; a report is rollups added up,
// as the days of any time zone. The feed is the journal as a viewer may read it,
// each event once and in order.
//
// It owns Tally, kept by one follower of the journal, Rollup and RollupSource,
// kept by another, and the sealed cursors that name places in the feed. It refuses
// to read raw clicks for an answer, and to wait for a slow reader: live stats are
// coalesced, a feed goes back to the journal.
//
// Invariants:
//   - every event is counted once: tallies commit together with the cursor;
//   - a snapshot and its cursor are of one instant, so that whoever reads on from
//     the cursor counts nothing twice and misses nothing (N03);
//   - at a quiet moment tallies are what the ledger says, to the cent (N04):
//     accrued less approved is pending, approved less paid is payable and reserved;
//   - rollups are what the rows come to now: what changes is taken out of its
//     buckets as it was counted, and counted as it is, at the date it belongs to (S6);
//   - in a tally an amount is counted on the day the thing itself happened, by the books of
//     its program: a commission on the day it was earned, a payout on the
//     merchant's day it was settled (Q70);
//   - an affiliate sees numbers and events of its own only.
package report
