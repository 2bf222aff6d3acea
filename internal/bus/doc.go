// Package bus carries what must not be lost before it has a row, and what may
// be lost because the journal knows it anyway.
//
// It owns the durable click stream (append, consume, acknowledge) and the
// wake-ups and small broadcasts between servers. Both stand on NATS JetStream:
// in this process on one folder, or a cluster named by a URL.
//
// The stream, for the one who appends:
//   - Append returns nil only after the record is on disk. Callers that wait at
//     the same time share one message and one sync (group commit).
//   - A refused record (ErrRefused) is not promised, but it may still arrive: a
//     sync that ends after the deadline has written it all the same.
//   - Append never waits longer than Config.Deadline.
//
// The stream, for the one who consumes:
//   - A message is delivered at least once, and again after a crash or a failed
//     handler, without end; the handler must be idempotent by record.
//   - A message leaves the stream only when the handler has returned nil for it.
//   - A handler that cannot store one record of a batch must park that record
//     and return nil; the bus never gives up on a message by itself.
//
// It refuses records when the stream is full of unconsumed messages, when the
// disk nears its end, while stopped, and when a sync takes too long. It never
// deletes a record to make room. A lock file refuses a second opener of a folder.
//
// Wake-ups are hints: coalesced, unordered, lossy. Whoever needs the truth reads
// the journal.
package bus
