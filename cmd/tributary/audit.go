package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/tributary/tributary/trust/audit"
)

// auditCmd shows who did what.
type auditCmd struct {
	Export auditExportCmd `cmd:"" help:"Write a merchant's audit to standard output."`
}

type auditExportCmd struct {
	house `embed:""`

	Format  string    `enum:"csv,jsonl" default:"csv" help:"csv or jsonl."`
	Subject string    `placeholder:"ID" help:"Only about this row."`
	Actor   string    `placeholder:"ID" help:"Only by this user, token or shop."`
	Action  string    `help:"Only this mutation, query or door."`
	Outcome string    `enum:",DONE,DENIED" default:"" help:"Only what was DONE, or only what was DENIED."`
	From    time.Time `placeholder:"INSTANT" help:"Only at or after this instant, such as 2026-03-01T00:00:00Z."`
	To      time.Time `placeholder:"INSTANT" help:"Only before this instant; now when left out."`
}

// Run writes the records, oldest first, and says how many on standard error.
func (c *auditExportCmd) Run(a *app) (err error) {
	ctx, s, err := c.open(a.ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	n, err := audit.New(audit.Config{Store: s}).Export(ctx, a.stdout, c.Format, audit.Filter{
		SubjectID: c.Subject, ActorID: c.Actor, Action: c.Action, Outcome: c.Outcome, From: c.From, To: c.To,
	})
	if err == nil {
		fmt.Fprintf(a.stderr, "%d records\n", n)
	}
	return err
}
