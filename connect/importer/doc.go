// Package importer takes in orders, refunds and cancellations by the file.
//
// It means: POST /import carries one JSON object on each line (NDJSON) and is
// answered by one on each line as it goes. A line is a command of its own, as if it
// had been sent alone: the fields are those of the API's inputs, with "type" before
// them: "order" as in ConversionRecordInput, "refund" as in RefundRecordInput,
// "cancel" as in ConversionCancelInput, each without idempotencyKey.
//
// It owns the reading of lines and the mapping of their fields, and no rows. Money
// is decided by earn.
//
// It refuses a line, and no more than that line, for anything in it that has no
// meaning here: an unknown field, a field that is there twice, a wrong type. A typing
// error in an optional field would otherwise be lost without a word.
//
// Invariants:
//   - every line that was answered has its effect, and every line has it once, by
//     the business keys of order and refund: a file may be sent again as a whole, or
//     from the line after the last answer (?from=N);
//   - a line in work is finished when the client goes away, and none is begun;
//   - lines are taken in order, so a refund may follow its order in one file.
//
// A client must read answers while it sends: answers to more than some ten thousand
// lines do not fit into the buffers between us.
package importer
