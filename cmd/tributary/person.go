package main

import (
	"fmt"

	"github.com/tributary/tributary/internal/store"
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
func (c *recoveryCodesCmd) Run(a *app) error {
	return a.existing(&c.Place, func(s *store.Store) error { return c.reissue(a, s) })
}

func (c *recoveryCodesCmd) reissue(a *app, s *store.Store) error {
	codes, err := auth.New(auth.Config{Store: s}).RecoveryCodesReissue(a.ctx, c.Email)
	if err != nil {
		return err
	}
	for _, code := range codes {
		fmt.Fprintln(a.stdout, code)
	}
	return nil
}
