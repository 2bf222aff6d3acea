package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// guardLock keeps two servers from changing one table's grants at once, which
// PostgreSQL answers with an error to the second.
const guardLock = 0x7472_6962_6775_61

// Guard fits row-level security to whoever logs in; on SQLite it does nothing. It
// runs after each migration, also of the job tables. The migrations force it on
// every table; what is best depends on the log-in:
//
//   - It may take the role of viewers (it is a superuser, may create roles, or was
//     granted the role): viewers' connections do. An owner who is not above
//     row-level security by itself is freed of it, so that the house's own work is
//     not slowed down: a policy keeps the planner from some indexes, and COPY from
//     working at all.
//   - It may not: everything runs as the owner, whom FORCE subjects too. Only the
//     journal's two tables are freed, since placing events must not scan them.
//   - It may not, and stands above row-level security: there is no second wall,
//     and the log says so.
func (s *Store) Guard(ctx context.Context) (err error) {
	if !s.Postgres() {
		return nil
	}
	tx, err := s.doorWrite.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer rollback(tx, &err)
	g := guarding{tx}
	if err = g.exec(ctx, fmt.Sprintf(`SELECT pg_advisory_xact_lock(%d)`, guardLock)); err != nil {
		return err
	}
	how, err := g.settle(ctx)
	if err != nil {
		return fmt.Errorf("row-level security: %w", err)
	}
	if how == unguarded {
		s.Log().Warn("row-level security does not apply to this database log-in, and it may not take the role " + wallRole)
	}
	if err = tx.Commit(); err == nil {
		s.write.SetMaxIdleConns(0) // connections from before may not have taken the role
		s.write.SetMaxIdleConns(s.cfg.MaxConns)
	}
	return err
}

// The ways in which row-level security applies to viewers.
const (
	byRole    = "role"  // their connections take the role
	byForce   = "force" // they run as the owner
	unguarded = "not at all"
)

// Guarded tells how row-level security applies to viewers on PostgreSQL; empty
// on SQLite, which has none.
func (s *Store) Guarded(ctx context.Context) (how string, err error) {
	if !s.Postgres() {
		return "", nil
	}
	err = s.write.QueryRowContext(ctx, `SELECT CASE WHEN NOT row_security_active('merchants') THEN $1 WHEN current_user = $2 THEN $3 ELSE $4 END`,
		unguarded, wallRole, byRole, byForce).Scan(&how)
	return how, present(err)
}

type guarding struct{ tx *sql.Tx }

func (g guarding) exec(ctx context.Context, statement string) error {
	_, err := g.tx.ExecContext(ctx, statement)
	return err
}

func (g guarding) settle(ctx context.Context) (how string, err error) {
	var above, creates, there, member bool
	err = g.tx.QueryRowContext(ctx, `SELECT me.rolsuper OR me.rolbypassrls, me.rolsuper OR me.rolcreaterole, r.oid IS NOT NULL,
		coalesce(pg_has_role(me.oid, r.oid, 'MEMBER'), false)
		FROM pg_roles me LEFT JOIN pg_roles r ON r.rolname = $1 WHERE me.rolname = session_user`, wallRole).Scan(&above, &creates, &there, &member)
	switch {
	case err != nil:
		return "", err
	case !member && creates:
		if err := g.makeRole(ctx, there); err != nil {
			return "", err
		}
	case !member && above:
		return unguarded, nil
	case !member:
		return byForce, g.free(ctx, []string{"events", "event_orders"})
	}
	if err := g.grant(ctx); err != nil || above {
		return byRole, err
	}
	return byRole, g.free(ctx, nil)
}

// makeRole makes the role and the log-in its member.
func (g guarding) makeRole(ctx context.Context, there bool) error {
	if !there {
		if err := g.exec(ctx, `CREATE ROLE `+wallRole+` NOLOGIN NOINHERIT`); err != nil {
			return err
		}
	}
	return g.exec(ctx, `GRANT `+wallRole+` TO CURRENT_USER`)
}

// grant gives the role what commands and queries do, and jobs that are left in a
// command: every table but partitions, which are reached through their whole, and
// the migrations' own.
func (g guarding) grant(ctx context.Context) error {
	for kind, lacking := range map[string]string{
		"SELECT, INSERT, UPDATE, DELETE ON TABLE": `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
			AND NOT relispartition AND relname NOT LIKE 'goose_%' AND NOT (has_table_privilege($1, oid, 'SELECT')
			AND has_table_privilege($1, oid, 'INSERT') AND has_table_privilege($1, oid, 'UPDATE') AND has_table_privilege($1, oid, 'DELETE'))`,
		"USAGE ON SEQUENCE": `SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'
			AND sequencename NOT LIKE 'goose_%' AND NOT has_sequence_privilege($1, quote_ident(schemaname) || '.' || quote_ident(sequencename), 'USAGE')`,
	} {
		names, err := g.names(ctx, lacking)
		if err == nil && len(names) > 0 {
			err = g.exec(ctx, `GRANT `+kind+` `+strings.Join(names, ", ")+` TO `+wallRole)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// names reads a query of names about the role.
func (g guarding) names(ctx context.Context, query string) (names []string, err error) {
	rows, err := g.tx.QueryContext(ctx, query, wallRole)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// free takes the force off tables that the log-in owns; off all when none is named.
func (g guarding) free(ctx context.Context, only []string) error {
	forced, err := g.names(ctx, `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relforcerowsecurity
		AND pg_has_role(session_user, relowner, 'USAGE') AND $1::text IS NOT NULL`)
	if err != nil {
		return err
	}
	for _, name := range forced {
		if only != nil && !slices.Contains(only, name) {
			continue
		}
		if err := g.exec(ctx, `ALTER TABLE `+name+` NO FORCE ROW LEVEL SECURITY`); err != nil {
			return err
		}
	}
	return nil
}
