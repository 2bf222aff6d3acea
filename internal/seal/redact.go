package seal

import (
	"fmt"
	"log/slog"
)

// String says how many keys the ring holds, and nothing about them.
func (k *Keyring) String() string {
	return fmt.Sprintf("keyring of %d, current %d", len(k.keys), k.current)
}

// Format prints String for every verb: %+v and %#v would otherwise walk into
// the key bytes.
func (k *Keyring) Format(f fmt.State, _ rune) { fmt.Fprint(f, k.String()) }

// LogValue keeps structured logs to String.
func (k *Keyring) LogValue() slog.Value { return slog.StringValue(k.String()) }
