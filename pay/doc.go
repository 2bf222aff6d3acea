// Package pay turns what affiliates are owed into money sent.
//
// It means: a batch is made from the ledger's payable balances of one currency,
// frozen and reserved in one command; a person approves it; each payout of it is
// settled or fails, with its posting. Whatever is not paid is payable again.
//
// It owns PayoutMethod, Payout and PayoutBatch. It refuses to pay an affiliate
// who is not active, a debt, less than the threshold, or a payout whose batch
// was not approved; it never looks at commissions: the ledger says what is owed.
//
// Invariants:
//   - one batch key is one batch, however often it is asked for (Q66);
//   - a payout's amount is reserved while it is open, and in the ledger exactly
//     once sent or given back (Q65);
//   - a batch does not change once made: later debits meet the next one (Q64);
//   - debts are netted before the threshold, since both are in one balance (Q67);
//   - account details are sealed for their row; outside it stands only the end
//     of the account.
//
// Locks: every command on a batch or its payouts takes the batch's lock first,
// then those of ledger accounts. Two people who settle the last two payouts at
// once would else each see the other's still open, and the batch never end.
package pay
