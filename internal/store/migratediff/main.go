// Command migratediff prints the SQL that a new migration needs: the difference
// between a database with all migrations applied and what the entities say.
//
//	go run ./internal/store/migratediff sqlite:/tmp/empty.db
//	go run ./internal/store/migratediff postgres://…/empty
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/tributary/tributary/internal/store"
)

func main() {
	if err := run(context.Background(), os.Args); err != nil {
		fmt.Fprintln(os.Stderr, "migratediff:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("want one database URL")
	}
	s, err := store.Open(ctx, store.Config{URL: args[1]})
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Migrate(ctx); err != nil {
		return err
	}
	sql, err := s.Drift(ctx)
	if err == nil {
		fmt.Print(sql)
	}
	return err
}
