// Package transport is the API's front door: it speaks GraphQL over HTTP, over
// WebSockets and over server-sent events, each to the letter of its protocol.
//
// It means: a request is one document with its variables; an operation is a
// request under way; a socket is one WebSocket of the graphql-transport-ws
// protocol and holds many operations; a stream is one answer of the graphql-sse
// protocol (distinct connections) and holds one. A seat is the right to hold a
// socket or a stream. A flow is how whoever answers a subscription says that more
// is here already, and a wire what sends it together.
//
// It owns what is said before and around execution: media types, statuses, close
// codes, frames, deadlines and how many of each a client may hold. It knows
// nothing of the schema.
//
// It refuses batches, forms, uploads, mutations by GET, unknown sub-protocols,
// pages of foreign origins, and to wait for a client that does not read. It never
// repeats to a client what the client sent, except an operation's id.
//
// Invariants:
//   - every answer is a GraphQL response in UTF-8; what failed before execution
//     has no data;
//   - an operation ends with complete or with error, never with both, and its id
//     is free from then on;
//   - a connection that outlives its request is looked at again several times a
//     second: when its credential no longer stands, it ends;
//   - nothing of a connection is left when it is done.
package transport
