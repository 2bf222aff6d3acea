// Package schema declares the rows of Tributary, one file per entity.
//
// It means: what is stored, which values a column may hold, and which indexes
// carry the foreign keys and the list orders. It owns names and shapes only. It
// refuses behaviour: no hook, policy or interceptor lives here, because
// generated code could then not be built from a clean tree; the wall around a
// merchant's rows is installed where the client is opened (internal/store).
//
// Invariants: every entity but the few that embed [Global] carries merchant_id;
// amounts are int64 minor units in a column ending in _minor beside a currency
// column; personal values of buyers and payees are sealed bytes.
package schema
