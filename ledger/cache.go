package ledger

import (
	"sync"

	"github.com/tributary/tributary/internal/money"
)

// maxAccounts bounds the remembered ids, at about 200 bytes each.
const maxAccounts = 50_000

type accountKey struct {
	merchant string
	currency money.Currency
	ref      Ref
}

// accountIDs remembers ids of committed accounts. An account is never removed
// and its id never changes, so what is remembered cannot become wrong.
type accountIDs struct {
	mu    sync.RWMutex
	known map[accountKey]string
}

func (a *accountIDs) find(merchant string, c money.Currency, refs []Ref) (known map[Ref]string, missing []Ref) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	known = make(map[Ref]string, len(refs))
	for _, ref := range refs {
		if account, ok := a.known[accountKey{merchant, c, ref}]; ok {
			known[ref] = account
		} else {
			missing = append(missing, ref)
		}
	}
	return known, missing
}

// keep remembers accounts. When full it starts over: a miss costs one look-up.
func (a *accountIDs) keep(merchant string, c money.Currency, found map[Ref]string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.known == nil || len(a.known)+len(found) > maxAccounts {
		a.known = make(map[accountKey]string, len(found))
	}
	for ref, account := range found {
		a.known[accountKey{merchant, c, ref}] = account
	}
}
