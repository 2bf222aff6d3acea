// Package mapping says which field of ours is which field of theirs.
//
// Means: a document is a list of fields, each with a source, which is a path in a
// record of ours, a target, which is a field of the provider's, and what is done to a
// value on its way; a catalogue is what fields there are on either side, and of what
// kind; a record is values by their paths.
//
// Owns the documents' form, their check, and what becomes of a value. It is pure: it
// reads no clock, no row and no address.
//
// Refuses documents in which a path is unknown, a target is written twice, kinds do
// not meet, a default or a table does not fit, or that go both ways through a
// transform that has no way back. Each refusal names the path in the document.
//
// Invariants:
//   - what passes the check never fails for its kinds: what may fail is a value;
//   - a value that goes out and comes back by the same field is the value it was;
//   - a fault names the field and never shows a value: values may be personal.
package mapping
