package main

import (
	"errors"
	"fmt"

	"github.com/tributary/tributary/server"
	"github.com/tributary/tributary/trust/auth"
)

// personCmd helps people who cannot help themselves any more.
type personCmd struct {
	RecoveryCodes recoveryCodesCmd `cmd:"" help:"Give a person who has lost app and codes new recovery codes, and print them once."`
}

type recoveryCodesCmd struct {
	server.Place `embed:""`

	Email string `required:"" help:"The person's log-in name. Make sure of who asks you."`
}

// Run works beside running servers. The codes from before are worth nothing.
func (c *recoveryCodesCmd) Run(a *app) (err error) {
	s, err := c.OpenExisting(a.ctx, quiet())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := server.Migrated(a.ctx, s); err != nil {
		return err
	}
	codes, err := auth.New(auth.Config{Store: s}).RecoveryCodesReissue(a.ctx, c.Email)
	if err != nil {
		return err
	}
	for _, code := range codes {
		fmt.Fprintln(a.stdout, code)
	}
	return nil
}
