package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/ledger"
	"github.com/tributary/tributary/report"
	"github.com/tributary/tributary/server"
	"github.com/tributary/tributary/trust"
)

// verifyCmd proves the data right, beside a running server or without one.
type verifyCmd struct {
	server.Place `embed:""`

	What    string `arg:"" optional:"" enum:"all,ledger,rollups" default:"all" help:"all, the ledger alone, or the rollups alone."`
	Rebuild bool   `help:"Make the rollups anew from their rows first."`
}

// Run lists what it finds on standard output and fails when there is anything.
func (c *verifyCmd) Run(a *app) error {
	if c.Rebuild && c.What == "ledger" {
		return errors.New("--rebuild makes rollups anew: a ledger is never made anew")
	}
	return a.existing(&c.Place, func(s *store.Store) error { return c.prove(a, s) })
}

func (c *verifyCmd) prove(a *app, s *store.Store) error {
	v := &verification{store: s, progress: a.progress(), only: c.What, rebuild: c.Rebuild}
	if err := v.run(a.ctx); err != nil {
		return err
	}
	for _, f := range v.found {
		fmt.Fprintf(a.stdout, "%s  %s  %s\n", f.Check, f.Subject, f.Detail)
	}
	if len(v.found) > 0 {
		return fmt.Errorf("verify found %d faults, the first in %s", len(v.found), v.found[0].Subject)
	}
	what := map[string]string{"all": "journal, idempotency, audit, ledger, commissions, tallies and rollups", "ledger": "the ledgers", "rollups": "the rollups"}[c.What]
	fmt.Fprintf(a.stdout, "%s of %d merchants are right\n", what, v.merchants)
	return nil
}

// verification gathers what the rooms find.
type verification struct {
	store     *store.Store
	progress  *progress
	found     []store.Finding
	merchants int

	only    string // all, ledger or rollups
	rebuild bool   // make the rollups anew first
}

func (v *verification) run(ctx context.Context) error {
	if v.only == "all" {
		if err := v.house(ctx); err != nil {
			return err
		}
	}
	ids, err := v.store.DoorMerchants(ctx)
	if err != nil {
		return err
	}
	v.merchants = len(ids)
	for _, id := range ids {
		if err := v.merchant(trust.With(ctx, trust.System(id)), id); err != nil {
			return err
		}
	}
	return nil
}

// house checks what all merchants share.
func (v *verification) house(ctx context.Context) error {
	for _, check := range []func(context.Context, func(string, int64)) ([]store.Finding, error){v.store.VerifyJournal, v.store.VerifyEffects, v.store.VerifyAudit} {
		found, err := check(ctx, func(what string, done int64) { v.progress.tell(what, done, 0) })
		if err != nil {
			return err
		}
		v.found = append(v.found, found...)
	}
	return nil
}

func (v *verification) merchant(ctx context.Context, id string) error {
	if v.only == "rollups" {
		return v.rollups(ctx, id)
	}
	book := ledger.New(ledger.Config{Store: v.store})
	found, err := book.Verify(ctx, func(checked int) { v.progress.tell("ledger of "+id, int64(checked), 0) })
	if err != nil {
		return err
	}
	for _, f := range found {
		v.found = append(v.found, store.Finding{Check: "ledger." + f.Check, Subject: f.ID, Detail: f.Detail})
	}
	if err := v.balanced(ctx, book, id); err != nil || v.only == "ledger" {
		return err
	}
	reports := report.New(report.Config{Store: v.store})
	unlike, err := reports.VerifyCommissions(ctx)
	if err != nil {
		return fmt.Errorf("commissions of %s: %w", id, err)
	}
	v.found = append(v.found, unlike...)
	tallies, err := reports.VerifyTallies(ctx, func(what string, done int64) { v.progress.tell(what+" of "+id, done, 0) })
	if err != nil {
		return fmt.Errorf("tallies of %s: %w", id, err)
	}
	v.found = append(v.found, tallies...)
	return v.rollups(ctx, id)
}

// rollups compares a merchant's rollups with their rows, after making them anew
// if that was asked for.
func (v *verification) rollups(ctx context.Context, id string) error {
	reports := report.New(report.Config{Store: v.store})
	tell := func(what string, done int64) { v.progress.tell(what+" of "+id, done, 0) }
	if v.rebuild {
		if err := reports.RebuildRollups(ctx, tell); err != nil {
			return fmt.Errorf("rollups of %s: %w", id, err)
		}
	}
	found, err := reports.VerifyRollups(ctx, tell)
	if err != nil {
		return fmt.Errorf("rollups of %s: %w", id, err)
	}
	v.found = append(v.found, found...)
	return nil
}

// balanced: all accounts of a merchant and currency sum to zero.
func (v *verification) balanced(ctx context.Context, book *ledger.Service, id string) error {
	sums, err := book.TrialBalance(ctx)
	for currency, sum := range sums {
		if sum != 0 {
			v.found = append(v.found, store.Finding{Check: "ledger.balance", Subject: id, Detail: fmt.Sprintf("the accounts in %s sum to %d, not 0", currency, sum)})
		}
	}
	return err
}
