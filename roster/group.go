package roster

import (
	"context"
	"errors"
	"strings"

	"github.com/tributary/tributary/internal/form"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/store"
)

// GroupCreateInput describes a group of affiliates who share terms.
type GroupCreateInput struct {
	Name        string // unique within the merchant
	Description string
}

// GroupUpdateInput changes what is not nil.
type GroupUpdateInput struct {
	ID              string
	Name            *string
	Description     *string
	ExpectedVersion *int
}

// GroupOutcome names a group after a verb.
type GroupOutcome struct {
	GroupID string
	Version int
}

const groupTaken = "a group of this name exists"

// GroupCreate makes a group. Errors: Invalid, Taken.
func (s *Service) GroupCreate(ctx context.Context, in GroupCreateInput) (GroupOutcome, error) {
	in.Name = strings.TrimSpace(in.Name)
	err := errors.Join(form.Line("name", in.Name, maxGroupName), checkNote("description", in.Description, maxDescription))
	if err != nil {
		return GroupOutcome{}, err
	}
	return store.Run(ctx, s.store, store.Command{Name: "affiliateGroupCreate"}, func(ctx context.Context, tx *store.Tx) (GroupOutcome, error) {
		row, err := tx.Ent().AffiliateGroup.Create().SetName(in.Name).SetDescription(in.Description).Save(ctx)
		if err != nil {
			return GroupOutcome{}, taken(err, "name", groupTaken)
		}
		tx.Note(row.ID, nil)
		return GroupOutcome{GroupID: row.ID, Version: row.Version}, nil
	})
}

// GroupUpdate edits a group. Errors: Invalid, NotFound, Conflict, Taken.
func (s *Service) GroupUpdate(ctx context.Context, in GroupUpdateInput) (GroupOutcome, error) {
	in.Name = trimmed(in.Name)
	err := errors.Join(
		named(in.ID, id.Group, "id", "group"),
		checkChange(in.Name, func(s string) error { return form.Line("name", s, maxGroupName) }),
		checkChange(in.Description, func(s string) error { return checkNote("description", s, maxDescription) }),
	)
	if err != nil {
		return GroupOutcome{}, err
	}
	return store.Run(ctx, s.store, store.Command{Name: "affiliateGroupUpdate"}, in.run)
}

func (in GroupUpdateInput) run(ctx context.Context, tx *store.Tx) (GroupOutcome, error) {
	if err := tx.Lock(ctx, "affiliate_groups", in.ID); err != nil {
		return GroupOutcome{}, err
	}
	before, err := tx.Ent().AffiliateGroup.Get(ctx, in.ID)
	if before, err = found(before, err, "id", "group"); err != nil {
		return GroupOutcome{}, err
	}
	if err := sameVersion(in.ExpectedVersion, before.Version); err != nil {
		return GroupOutcome{}, err
	}
	row, err := tx.Ent().AffiliateGroup.UpdateOne(before).SetNillableName(in.Name).SetNillableDescription(in.Description).Save(ctx)
	if err != nil {
		return GroupOutcome{}, taken(err, "name", groupTaken)
	}
	tx.Note(row.ID, nil)
	return GroupOutcome{GroupID: row.ID, Version: row.Version}, nil
}
