// Package graph is the API: one GraphQL schema for frontends, shops, CRMs and
// partners.
//
// It means: resolvers translate. A resolver reads ids and inputs, calls one
// verb of one room and returns fresh rows; what a room refuses becomes a user
// error that names the input field. It owns the schema's files, the permission
// directive, error presentation, idempotent replies and list bounds. It refuses
// business rules and writes nothing itself.
//
// Files named *.resolvers.go are kept by the generator, which takes out
// anything else: helpers live beside them. generated/ and model/ hold
// machine-written code only.
package graph
