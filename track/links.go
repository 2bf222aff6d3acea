package track

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/host"
	entlink "github.com/tributary/tributary/ent/link"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track/order"
	"github.com/tributary/tributary/track/token"
)

// LinkCreateInput makes a link.
type LinkCreateInput struct {
	ProgramID   string
	AffiliateID string // an affiliate's own when left empty
	Destination string // http(s), on one of the program's hosts
	Slug        string // 3–64 of a–z, 0–9 and -; drawn when empty
	HostID      string // a TRACKING host of the program; empty for the platform's own
	SubIDs      map[string]string
}

// LinkOutcome names the link.
type LinkOutcome struct{ ID, Slug string }

// LinkCreate makes a link for an affiliate who takes part in the program. It
// can be opened as soon as LinkCreate returns. Errors: NOT_FOUND programId,
// affiliateId, hostId; WRONG_STATE programId, affiliateId; INVALID or TOO_LARGE
// destination, slug, subIds; TAKEN slug.
func (s *Service) LinkCreate(ctx context.Context, in LinkCreateInput) (LinkOutcome, error) {
	drawn := in.Slug == ""
	for {
		if drawn {
			in.Slug = newSlug()
		}
		out, merchantID, err := s.linkCreate(ctx, in)
		switch {
		case err == nil:
			s.publish(ctx, merchantID, out.ID)
			return out, nil
		case !store.IsUnique(err):
			return LinkOutcome{}, err
		case !drawn:
			return LinkOutcome{}, problem.At(problem.Taken, "slug", "another link has this slug").Because(err)
		}
	}
}

func (s *Service) linkCreate(ctx context.Context, in LinkCreateInput) (out LinkOutcome, merchantID string, err error) {
	if err := errorsFirst(checkSlug(in.Slug), checkSubIDs(in.SubIDs)); err != nil {
		return out, "", err
	}
	out, err = store.Run(ctx, s.store, store.Command{Name: "linkCreate"}, func(ctx context.Context, tx *store.Tx) (LinkOutcome, error) {
		merchantID = tx.MerchantID()
		if v := tx.Viewer(); in.AffiliateID == "" {
			in.AffiliateID = v.AffiliateID
		}
		hostKey, err := checkLink(ctx, tx, in)
		if err != nil {
			return LinkOutcome{}, err
		}
		return insertLink(ctx, tx, in, hostKey)
	})
	return out, merchantID, err
}

// checkLink gives the name of the host that serves the link.
func checkLink(ctx context.Context, tx *store.Tx, in LinkCreateInput) (hostKey string, err error) {
	if _, err := openProgram(ctx, tx, in.ProgramID); err != nil {
		return "", err
	}
	if err := participant(ctx, tx, in.ProgramID, in.AffiliateID); err != nil {
		return "", err
	}
	if err := checkDestination(ctx, tx, in.ProgramID, in.Destination); err != nil {
		return "", err
	}
	if in.HostID == "" {
		return "", nil
	}
	h, err := tx.Ent().Host.Query().Where(
		host.ID(in.HostID), host.ProgramID(in.ProgramID), host.PurposeEQ(host.PurposeTRACKING), host.RemovedAtIsNil(),
	).Only(ctx)
	if err != nil {
		return "", missing(err, "hostId", "host")
	}
	return h.Name, nil
}

func insertLink(ctx context.Context, tx *store.Tx, in LinkCreateInput, hostKey string) (LinkOutcome, error) {
	number, err := tx.NextLinkNumber(ctx)
	if err != nil {
		return LinkOutcome{}, err
	}
	if number > token.MaxLink {
		return LinkOutcome{}, fmt.Errorf("link number %d does not fit a token", number)
	}
	row := tx.Ent().Link.Create().SetProgramID(in.ProgramID).SetAffiliateID(in.AffiliateID).SetNumber(number).
		SetHostKey(hostKey).SetSlug(in.Slug).SetDestination(in.Destination).SetSubIds(in.SubIDs)
	if in.HostID != "" {
		row.SetHostID(in.HostID)
	}
	l, err := row.Save(ctx)
	if err != nil {
		return LinkOutcome{}, err
	}
	tx.Note(l.ID, nil)
	tx.Emit(linkEvent("link.created", l, canon.Facts{"slug": l.Slug}))
	return LinkOutcome{ID: l.ID, Slug: l.Slug}, nil
}

func linkEvent(kind string, l *ent.Link, facts canon.Facts) store.Event {
	return store.Event{Type: kind, Subject: l.ID, ProgramID: l.ProgramID, AffiliateID: l.AffiliateID, Facts: facts}
}

// LinkUpdateInput changes what is given.
type LinkUpdateInput struct {
	ID              string
	Destination     *string
	SubIDs          map[string]string // nil keeps them, empty removes them
	ExpectedVersion *int
}

// LinkUpdate changes where a link leads and its labels; its address stays.
// Errors: NOT_FOUND id; CONFLICT expectedVersion; WRONG_STATE id when archived;
// INVALID or TOO_LARGE destination, subIds.
func (s *Service) LinkUpdate(ctx context.Context, in LinkUpdateInput) (LinkOutcome, error) {
	if err := checkSubIDs(in.SubIDs); err != nil {
		return LinkOutcome{}, err
	}
	return s.editLink(ctx, "linkUpdate", in.ID, in.ExpectedVersion, func(ctx context.Context, tx *store.Tx, l *ent.Link) error {
		if l.Status == entlink.StatusARCHIVED {
			return problem.At(problem.State, "id", "the link is archived")
		}
		set := tx.Ent().Link.UpdateOne(l)
		if in.Destination != nil {
			if err := checkDestination(ctx, tx, l.ProgramID, *in.Destination); err != nil {
				return err
			}
			set.SetDestination(*in.Destination)
		}
		if in.SubIDs != nil {
			set.SetSubIds(in.SubIDs)
		}
		tx.Emit(linkEvent("link.updated", l, nil))
		return set.Exec(ctx)
	})
}

// LinkArchive stops a link from earning: it leads to the program's fallback from
// now on. Archiving it again changes nothing. Errors: NOT_FOUND id; CONFLICT
// expectedVersion.
func (s *Service) LinkArchive(ctx context.Context, id string, expectedVersion *int) (LinkOutcome, error) {
	return s.editLink(ctx, "linkArchive", id, expectedVersion, func(ctx context.Context, tx *store.Tx, l *ent.Link) error {
		if l.Status == entlink.StatusARCHIVED {
			return nil
		}
		tx.Emit(linkEvent("link.archived", l, nil))
		return tx.Ent().Link.UpdateOne(l).SetStatus(entlink.StatusARCHIVED).Exec(ctx)
	})
}

func (s *Service) editLink(ctx context.Context, name, id string, expected *int, edit func(context.Context, *store.Tx, *ent.Link) error) (LinkOutcome, error) {
	var merchantID string
	out, err := store.Run(ctx, s.store, store.Command{Name: name, Subject: id}, func(ctx context.Context, tx *store.Tx) (LinkOutcome, error) {
		merchantID = tx.MerchantID()
		if err := tx.Lock(ctx, "links", id); err != nil {
			return LinkOutcome{}, err
		}
		l, err := tx.Ent().Link.Query().Where(entlink.ID(id)).Only(ctx)
		if err != nil {
			return LinkOutcome{}, missing(err, "id", "link")
		}
		if err := expect(expected, l.Version); err != nil {
			return LinkOutcome{}, err
		}
		return LinkOutcome{ID: l.ID, Slug: l.Slug}, edit(ctx, tx, l)
	})
	if err == nil {
		s.publish(ctx, merchantID, id)
	}
	return out, err
}

// checkSubIDs bounds an affiliate's labels as an order's are (Q53).
func checkSubIDs(labels map[string]string) error {
	if len(labels) > order.MaxSubIDs {
		return problem.At(problem.TooLarge, "subIds", "must be at most %d", order.MaxSubIDs)
	}
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		switch value := labels[name]; {
		case !isLabel(name):
			return problem.At(problem.Invalid, "subIds", "must have names s1 to s5, or sub_ with up to 28 of a–z, A–Z, 0–9, _ and -")
		case len(value) > order.MaxSubID:
			return problem.At(problem.TooLarge, "subIds."+name, "must have at most %d bytes", order.MaxSubID)
		case !clean(value):
			return problem.At(problem.Invalid, "subIds."+name, "must be UTF-8 text without NUL")
		}
	}
	return nil
}

func errorsFirst(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
