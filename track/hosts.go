package track

import (
	"context"
	"net/netip"
	"strings"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/host"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// HostAddInput puts a domain on a program.
type HostAddInput struct {
	ProgramID string
	Name      string // without port; letters of any case; punycode for others
	Purpose   host.Purpose
}

// HostOutcome names the host.
type HostOutcome struct{ ID string }

// HostAdd allows links to lead to a domain (DESTINATION) or to be served by it
// (TRACKING). A domain that is on the program already is the outcome as it is.
// Errors: INVALID name, purpose; NOT_FOUND, WRONG_STATE programId; TAKEN name
// when another program serves links from it.
func (s *Service) HostAdd(ctx context.Context, in HostAddInput) (HostOutcome, error) {
	in.Name = strings.ToLower(strings.TrimSuffix(in.Name, "."))
	if !isHostName(in.Name) {
		return HostOutcome{}, problem.At(problem.Invalid, "name", "must be a host name without scheme, port and path")
	}
	if host.PurposeValidator(in.Purpose) != nil {
		return HostOutcome{}, problem.At(problem.Invalid, "purpose", "must be DESTINATION or TRACKING")
	}
	out, err := store.Run(ctx, s.store, store.Command{Name: "hostAdd"}, func(ctx context.Context, tx *store.Tx) (HostOutcome, error) {
		if _, err := openProgram(ctx, tx, in.ProgramID); err != nil {
			return HostOutcome{}, err
		}
		return putHost(ctx, tx, in)
	})
	if store.IsUnique(err) {
		return HostOutcome{}, problem.At(problem.Taken, "name", "the host serves links of another program").Because(err)
	}
	if err == nil {
		s.publishHosts(ctx)
	}
	return out, err
}

// putHost adds the host or brings a removed one back.
func putHost(ctx context.Context, tx *store.Tx, in HostAddInput) (HostOutcome, error) {
	known, err := tx.Ent().Host.Query().Where(host.ProgramID(in.ProgramID), host.PurposeEQ(in.Purpose), host.Name(in.Name)).Only(ctx)
	switch {
	case ent.IsNotFound(err):
		row := tx.Ent().Host.Create().SetProgramID(in.ProgramID).SetName(in.Name).SetPurpose(in.Purpose)
		if in.Purpose == host.PurposeTRACKING {
			row.SetTrackingName(in.Name)
		}
		known, err = row.Save(ctx)
	case err == nil && known.RemovedAt == nil:
		return HostOutcome{known.ID}, nil
	case err == nil:
		err = tx.Ent().Host.UpdateOne(known).ClearRemovedAt().Exec(ctx)
	}
	if err != nil {
		return HostOutcome{}, err
	}
	tx.Note(known.ID, nil)
	tx.Emit(store.Event{Type: "host.created", Subject: known.ID, ProgramID: in.ProgramID, Facts: canon.Facts{"purpose": string(in.Purpose)}})
	return HostOutcome{known.ID}, nil
}

// HostRemove takes a domain off its program: links that lead there go to the
// fallback, and links that it served are served no more. Removing it again
// changes nothing. Error: NOT_FOUND id.
func (s *Service) HostRemove(ctx context.Context, id string) (HostOutcome, error) {
	out, err := store.Run(ctx, s.store, store.Command{Name: "hostRemove", Subject: id}, func(ctx context.Context, tx *store.Tx) (HostOutcome, error) {
		h, err := tx.Ent().Host.Query().Where(host.ID(id)).Only(ctx)
		if err != nil {
			return HostOutcome{}, missing(err, "id", "host")
		}
		if h.RemovedAt != nil {
			return HostOutcome{id}, nil
		}
		tx.Emit(store.Event{Type: "host.removed", Subject: id, ProgramID: h.ProgramID, Facts: canon.Facts{"purpose": string(h.Purpose)}})
		return HostOutcome{id}, tx.Ent().Host.UpdateOne(h).SetRemovedAt(tx.Now()).Exec(ctx)
	})
	if err == nil {
		s.publishHosts(ctx)
	}
	return out, err
}

// isHostName accepts an IPv4 address or labels of letters, digits and hyphens.
func isHostName(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	labels := strings.Split(s, ".")
	for _, l := range labels {
		if !isHostLabel(l) {
			return false
		}
	}
	last := labels[len(labels)-1]
	if strings.Trim(last, "0123456789") == "" { // a name that ends in a number is read as an address
		addr, err := netip.ParseAddr(s)
		return err == nil && addr.Is4()
	}
	return true
}

func isHostLabel(l string) bool {
	if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
		return false
	}
	return !strings.ContainsFunc(l, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' })
}
