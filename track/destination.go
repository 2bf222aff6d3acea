package track

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"github.com/tributary/tributary/ent/host"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track/script"
)

const maxDestination = 2048

// checkDestination accepts an absolute http(s) address on one of the program's
// hosts. Whatever a browser might read differently from us is refused: a
// backslash, spaces, credentials before the host.
func checkDestination(ctx context.Context, tx *store.Tx, programID, raw string) error {
	name, err := destinationHost(raw)
	if err != nil {
		return err
	}
	allowed, err := tx.Ent().Host.Query().Where(
		host.ProgramID(programID), host.PurposeEQ(host.PurposeDESTINATION), host.Name(name), host.RemovedAtIsNil(),
	).Exist(ctx)
	if err == nil && !allowed {
		err = problem.At(problem.Invalid, "destination", "must be on one of the program's hosts")
	}
	return err
}

func portInRange(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && n > 0
}

func destinationHost(raw string) (string, error) {
	bad := func(message string) (string, error) {
		return "", problem.At(problem.Invalid, "destination", "%s", message)
	}
	if len(raw) > maxDestination {
		return "", problem.At(problem.TooLarge, "destination", "must have at most %d bytes", maxDestination)
	}
	if !clean(raw) || strings.ContainsRune(raw, '\\') || strings.ContainsFunc(raw, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return bad("must not contain spaces, control characters or backslashes")
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return bad("must be an address that begins with https:// or http://")
	case u.User != nil:
		return bad("must not contain a user name or password")
	case !portInRange(u.Port()):
		return bad("must have a port between 1 and 65535, or none")
	case u.Query().Has(script.Name):
		return bad("must not contain " + script.Name + ", which each click fills in")
	}
	return strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")), nil
}
