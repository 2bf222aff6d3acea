// Package ent holds the rows: schema/ is written by hand, everything else in
// this folder by the generator below. Rooms use the client that internal/store
// opens, never one of their own: only that client stands behind the wall.
package ent

//go:generate go run entc.go
