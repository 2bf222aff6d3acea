package ledger

import (
	"fmt"
	"strings"

	"github.com/tributary/tributary/internal/id"
)

// The order of entries is the order of their ids. An id begins with its
// millisecond: 48 bits, ten characters of base32, so that the first id after a
// millisecond can be spelled by Go and by SQL alike.

// firstAfter is at most every entry id after a millisecond, and greater than
// every other.
func firstAfter(ms int64) string {
	var u [16]byte
	for i, v := 5, ms+1; i >= 0; i, v = i-1, v>>8 {
		u[i] = byte(v)
	}
	return id.FromUUID(id.Entry, u)
}

// firstAfterSQL is firstAfter of an integer expression, without the zeros at
// the end.
func firstAfterSQL(ms string) string {
	parts := []string{"'" + string(id.Entry) + "_'"}
	for shift := 45; shift >= 0; shift -= 5 {
		parts = append(parts, fmt.Sprintf("substr('0123456789abcdefghjkmnpqrstvwxyz', CAST(((%s + 1) >> %d) & 31 AS integer) + 1, 1)", ms, shift))
	}
	return "(" + strings.Join(parts, " || ") + ")"
}

// joinNewest joins account a's newest checkpoint as c, where there is one.
const joinNewest = `LEFT JOIN ledger_checkpoints c ON c.merchant_id = a.merchant_id AND c.id = (
	SELECT n.id FROM ledger_checkpoints n WHERE n.merchant_id = a.merchant_id AND n.account_id = a.id ORDER BY n.id DESC LIMIT 1)`

// firstAfterNewest is the first entry id after that checkpoint.
var firstAfterNewest = firstAfterSQL("coalesce(c.through_seq, -1)")
