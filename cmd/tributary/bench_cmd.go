package main

import (
	"os"
	"time"

	"github.com/tributary/tributary/cmd/tributary/bench"
)

// benchCmd measures this program against a bare baseline in the same run.
type benchCmd struct {
	What     string        `arg:"" enum:"clicks,orders,graphql,live,simulate" help:"clicks, orders, graphql, live or simulate."`
	Database string        `placeholder:"URL" help:"postgres://… of an empty database; SQLite in a folder of its own when empty."`
	Duration time.Duration `default:"10s" help:"Of each half of a round."`
	Rounds   int           `default:"5" help:"How often baseline and subject take turns."`
	Conns    int           `default:"64" help:"Connections of the load."`
	JSON     bool          `help:"Print one JSON object."`

	Subscribers int     `default:"100" help:"Sockets that watch, for live."`
	Idle        int     `help:"Sockets beside them that watch for what never comes, for live."`
	Commissions int     `default:"100000" help:"How many there are, for simulate."`
	Whole       bool    `help:"With tiers that count for a whole month and a goal, for simulate."`
	Rate        float64 `default:"200" help:"Orders a second, for live."`
	Levels      int     `help:"Levels of the upline that every order pays, for orders."`
}

// Run measures and prints.
func (c *benchCmd) Run(a *app) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	ctx, stop := untilSignal(a.ctx, a.stderr)
	defer stop()
	return bench.Run(ctx, bench.Options{
		What: c.What, Database: c.Database, Duration: c.Duration, Rounds: c.Rounds, Conns: c.Conns, JSON: c.JSON,
		Subscribers: c.Subscribers, Idle: c.Idle, Rate: c.Rate, Levels: c.Levels, Commissions: c.Commissions, Whole: c.Whole,
		Out: a.stdout, Err: a.stderr, Binary: self,
	})
}

// benchBaselineCmd serves one of the bench's bare handlers.
type benchBaselineCmd struct {
	What string `arg:"" enum:"redirect,sql,broadcast" help:"redirect, sql or broadcast."`
}

// Run serves until it is told to stop.
func (c *benchBaselineCmd) Run(a *app) error {
	ctx, stop := untilSignal(a.ctx, a.stderr)
	defer stop()
	return bench.Baseline(ctx, c.What, a.stdout)
}
