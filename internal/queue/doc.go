// Package queue runs what recurs and what must wait or be tried again, with
// River on the store's own database.
//
// It means: an errand is a piece of work that some room wants done again and
// again – approve what is due, rate what could not be rated. Its kind names it
// in the database; it carries no arguments, so no personal value can ever stand
// in a job's row. A task is work that a command leaves behind; its jobs hold ids
// and nothing else, for the same reason.
//
// It owns River's tables (their migrations run with the store's) and the
// intervals at which the database is asked for work.
//
// It refuses anything but ids in a job, and to be a source of truth: an errand reads what is due from the
// rows, and doing it twice must do nothing twice. A tick that falls into the
// run of the one before is dropped.
//
// Invariants: of all servers on one database, one runs a given tick; an errand
// that fails is tried again by its next tick; what a server that was killed had
// under way goes on elsewhere within half a minute, or when it starts again; Run
// returns after the errands under way have ended.
package queue
