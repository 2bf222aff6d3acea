// Command tributary is the whole program: the server, and the commands that
// look after its data.
//
// Each sub-command has a file of its own. A command that fails exits non-zero
// with one plain line on standard error; results go to standard output, progress
// to standard error.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"
)

// cli is the table of commands.
type cli struct {
	Serve   serveCmd   `cmd:"" help:"Run the server."`
	Demo    demoCmd    `cmd:"" help:"Run a server with a merchant and a market that keeps buying."`
	Migrate migrateCmd `cmd:"" help:"Bring the database to this build's schema."`
	Init    initCmd    `cmd:"" help:"Make the first merchant, its owner and an owner's API token."`
	Token   tokenCmd   `cmd:"" help:"Create, list, rotate and revoke API tokens."`
	Person  personCmd  `cmd:"" help:"Help people who have locked themselves out."`
	Keys    keysCmd    `cmd:"" help:"List and rotate the master keys."`
	Audit   auditCmd   `cmd:"" help:"Export who did what."`
	Rates   ratesCmd   `cmd:"" help:"Import published exchange rates."`
	Verify  verifyCmd  `cmd:"" help:"Prove journal, ledger, idempotency, tallies and rollups right, or one of ledger and rollups alone."`
	Backup  backupCmd  `cmd:"" help:"Copy the data while the server runs."`
	Restore restoreCmd `cmd:"" help:"Put a backup into an empty data folder."`
	Schema  schemaCmd  `cmd:"" help:"Print the API's schema."`
	Bench   benchCmd   `cmd:"" help:"Measure clicks, orders, graphql or live against a bare baseline."`
	Version versionCmd `cmd:"" help:"Print the version."`

	BenchBaseline benchBaselineCmd `cmd:"" hidden:"" help:"Serve one of the bench's bare handlers."`
}

// app is what a command works with.
type app struct {
	ctx            context.Context
	stdout, stderr io.Writer
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run gives the exit code: 0, 1 for a command that failed, 2 for one that was
// not understood.
func run(args []string, stdout, stderr io.Writer) int {
	exited, code := false, 0
	parser, err := kong.New(&cli{}, kong.Name("tributary"), kong.Description("A headless affiliate platform."),
		kong.Writers(stdout, stderr), kong.Exit(func(c int) { exited, code = true, c }), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		return fail(stderr, err, 2)
	}
	command, err := parser.Parse(args)
	if exited { // --help has been answered
		return code
	}
	if err != nil {
		return fail(stderr, err, 2)
	}
	if err := command.Run(&app{ctx: context.Background(), stdout: stdout, stderr: stderr}); err != nil {
		return fail(stderr, err, 1)
	}
	return 0
}

// errTold is for a failure whose one line has been written already.
var errTold = errors.New("told")

func fail(stderr io.Writer, err error, code int) int {
	if !errors.Is(err, errTold) {
		fmt.Fprintln(stderr, "tributary: "+strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "; "))
	}
	return code
}
