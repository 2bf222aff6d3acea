package main

import (
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/tributary/tributary/internal/seal"
	"github.com/tributary/tributary/server"
)

// keysCmd looks after the master keys, from which everything sealed and signed
// takes its own.
type keysCmd struct {
	List   keysListCmd   `cmd:"" help:"List the keys, without what is secret in them."`
	Rotate keysRotateCmd `cmd:"" help:"Add a key that all servers use from an instant on."`
	Reseal keysResealCmd `cmd:"" help:"Seal everything again that is under an older key; servers do it by themselves, too."`
}

type keysListCmd struct {
	server.Place `embed:""`
}

// Run prints a table.
func (c *keysListCmd) Run(a *app) error {
	keys, err := c.WithDefaults().Keys(time.Now())
	if err != nil {
		return err
	}
	out := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "ID\tUSED FROM\tNOW")
	for _, k := range keys.List() {
		from := "the start"
		if !k.From.IsZero() {
			from = k.From.UTC().Format(time.RFC3339)
		}
		fmt.Fprintf(out, "%d\t%s\t%s\n", k.ID, from, roleOf(k))
	}
	return out.Flush()
}

func roleOf(k seal.KeyState) string {
	role := "opens and verifies"
	if k.InUse {
		role = "seals and signs"
	}
	if k.Hashes {
		role += ", makes look-up hashes"
	}
	return role
}

type keysRotateCmd struct {
	server.Place `embed:""`
	Lead         time.Duration `default:"1m" help:"Until the key is used: time for every server to have it. Servers that share the key file need two seconds."`
}

// shortestLead is twice what a server takes to notice the file.
const shortestLead = 2 * time.Second

// Run adds a key to the key file; where the keys come from the environment it
// prints what to set there instead.
func (c *keysRotateCmd) Run(a *app) error {
	if c.Lead < shortestLead {
		return fmt.Errorf("--lead must be %s or more: servers that do not know a key cannot read what it sealed", shortestLead)
	}
	p, from := c.WithDefaults(), time.Now().Add(c.Lead).Truncate(time.Second).Add(time.Second)
	if p.MasterKeys != "" {
		return c.extend(a, p.MasterKeys, from)
	}
	keys, err := seal.Rotate(p.KeyFile, from)
	if err != nil {
		return err
	}
	all := keys.List()
	fmt.Fprintf(a.stdout, "key %d is used from %s\n", all[len(all)-1].ID, from.UTC().Format(time.RFC3339))
	return nil
}

func (c *keysRotateCmd) extend(a *app, keys string, from time.Time) error {
	next, err := seal.Extended(keys, from)
	if err != nil {
		return err
	}
	fmt.Fprintln(a.stdout, next)
	fmt.Fprintf(a.stderr, "set TRIBUTARY_MASTER_KEYS to this, and start every server again before %s\n", from.UTC().Format(time.RFC3339))
	return nil
}

type keysResealCmd struct {
	server.Place `embed:""`
}

// Run works beside running servers.
func (c *keysResealCmd) Run(a *app) (err error) {
	s, err := c.OpenMigrated(a.ctx, quiet())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	done, err := s.Reseal(a.ctx)
	fmt.Fprintf(a.stdout, "%d values are sealed under key %d now\n", done, s.Keys().KeyID())
	return err
}
