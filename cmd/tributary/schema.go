package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/tributary/tributary/graph"
	"github.com/tributary/tributary/graph/contract"
)

// schemaCmd prints the composed schema, or what it would break.
type schemaCmd struct {
	Against string `type:"existingfile" placeholder:"FILE" help:"Print nothing but what would break clients of the schema in this file."`
}

// Run prints it. It fails when something would break.
func (c schemaCmd) Run(a *app) error {
	if c.Against == "" {
		_, err := io.WriteString(a.stdout, graph.SDL())
		return err
	}
	older, err := os.ReadFile(c.Against)
	if err != nil {
		return err
	}
	breaks, err := contract.Breaks(string(older), graph.SDL(), time.Now())
	if err != nil {
		return err
	}
	for _, b := range breaks {
		fmt.Fprintln(a.stdout, b)
	}
	if len(breaks) > 0 {
		return fmt.Errorf("%d changes break clients of that schema", len(breaks))
	}
	return nil
}
