// Package server is the process: it reads the configuration, opens the engines,
// builds the rooms from the bottom up, and serves them over HTTP until it is
// told to stop.
//
// It owns the configuration, the routes, everything that happens to a request
// before a room sees it, health, metrics, traces, the background loops and the
// order in which all of it ends. The data folder is its own: a lock file keeps a
// second process out.
//
// It refuses business rules: a handler here answers from a room or from fixed
// bytes.
//
// Invariants:
//   - a request that was accepted is answered, also while the server stops;
//   - neither the log nor a metric nor a trace holds a token, a query string, an
//     address or any other personal value;
//   - a loop that fails is started again; the process ends only when it is told to
//     or cannot listen.
package server
