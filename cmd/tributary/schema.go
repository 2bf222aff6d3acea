package main

import (
	"io"

	"github.com/tributary/tributary/graph"
)

// schemaCmd prints the composed schema.
type schemaCmd struct{}

// Run prints it.
func (schemaCmd) Run(a *app) error {
	_, err := io.WriteString(a.stdout, graph.SDL())
	return err
}
