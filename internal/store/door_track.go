package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
)

// LinkRow is all that opening a link needs to know, read in one statement: who
// earns, where it leads, and the states that decide whether it may earn.
type LinkRow struct {
	Number                                 uint64
	ID, MerchantID, ProgramID, AffiliateID string
	HostKey, Slug, Destination             string
	SubIDs                                 map[string]string
	Status                                 string // of the link
	ProgramStatus, FallbackURL             string
	AffiliateStatus                        string
	EnrollmentStatus                       string        // "" when the affiliate is not in the program
	Window                                 time.Duration // of the policy in force; 0 when the program has none yet
	// Revision is the sum of the versions of the rows read. Each of them only
	// grows, so of two readings of one link the one with more is the later.
	Revision int64
}

// HostRow is a domain that is on a program now.
type HostRow struct {
	ID, MerchantID, ProgramID, Name string
	Tracking                        bool // serves links; else links may lead there
}

const linkSQL = `SELECT l.number, l.id, l.merchant_id, l.program_id, l.affiliate_id, l.host_key, l.slug, l.destination, l.sub_ids, l.status,
	p.status, p.fallback_url, a.status, coalesce(e.status, ''), l.version + p.version + a.version + coalesce(e.version, 0),
	coalesce((SELECT t.window_seconds FROM attribution_policies t WHERE t.merchant_id = l.merchant_id AND t.program_id = l.program_id
		AND t.valid_from <= $1 ORDER BY t.valid_from DESC, t.number DESC LIMIT 1), 0)
	FROM links l
	JOIN programs p ON p.merchant_id = l.merchant_id AND p.id = l.program_id
	JOIN affiliates a ON a.merchant_id = l.merchant_id AND a.id = l.affiliate_id
	LEFT JOIN enrollments e ON e.merchant_id = l.merchant_id AND e.program_id = l.program_id AND e.affiliate_id = l.affiliate_id
	WHERE `

// DoorLink finds the link that an address names: a visitor belongs to no
// merchant, and host and slug together are unique among all.
func (s *Store) DoorLink(ctx context.Context, hostKey, slug string) (*LinkRow, error) {
	return one(s.links(ctx, `l.host_key = $2 AND l.slug = $3`, hostKey, slug))
}

// DoorLinkByNumber finds the link that a click's record or token names: link
// numbers are unique among all merchants. The caller compares the merchant.
func (s *Store) DoorLinkByNumber(ctx context.Context, number uint64) (*LinkRow, error) {
	return one(s.links(ctx, `l.number = $2`, int64(number)))
}

// DoorLinks pages through every link by number: the link index serves all merchants.
func (s *Store) DoorLinks(ctx context.Context, after uint64, limit int) ([]LinkRow, error) {
	return s.links(ctx, `l.number > $2 ORDER BY l.number LIMIT $3`, int64(after), limit)
}

// DoorLinksOf pages through the links of a merchant that an event concerns: the
// one link, or those of an affiliate or a program, whichever owner names. The
// index that asks has no viewer.
func (s *Store) DoorLinksOf(ctx context.Context, merchantID, owner string, after uint64, limit int) ([]LinkRow, error) {
	prefix, _, err := id.Parse(owner)
	column, known := map[id.Prefix]string{id.Link: "l.id", id.Affiliate: "l.affiliate_id", id.Program: "l.program_id"}[prefix]
	if err != nil || !known {
		return nil, fmt.Errorf("links are not found by %q", owner)
	}
	return s.links(ctx, `l.merchant_id = $2 AND `+column+` = $3 AND l.number > $4 ORDER BY l.number LIMIT $5`, merchantID, owner, int64(after), limit)
}

// DoorHosts lists the domains of all merchants: a request names its host before
// anybody knows whose it is.
func (s *Store) DoorHosts(ctx context.Context) (out []HostRow, err error) {
	rows, err := s.Read(house(ctx), `SELECT id, merchant_id, program_id, name, purpose = 'TRACKING' FROM hosts WHERE removed_at IS NULL ORDER BY id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var h HostRow
		if err := rows.Scan(&h.ID, &h.MerchantID, &h.ProgramID, &h.Name, &h.Tracking); err != nil {
			return nil, err
		}
		out = append(out, h)
	}
	return out, present(rows.Err())
}

// NextLinkNumber takes the next number of a link, unique among all merchants
// because tokens carry it without naming one. A number taken by a command that
// fails is never used again on PostgreSQL; SQLite has one writer, and links are
// never deleted.
func (tx *Tx) NextLinkNumber(ctx context.Context) (n uint64, err error) {
	query := `SELECT coalesce(max(number), 0) + 1 FROM links`
	if tx.store.Postgres() {
		query = `SELECT nextval('link_numbers')`
	}
	return n, tx.QueryRow(ctx, query).Scan(&n)
}

func (s *Store) links(ctx context.Context, where string, args ...any) (out []LinkRow, err error) {
	rows, err := s.Read(house(ctx), linkSQL+where, append([]any{s.Now()}, args...)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		row, err := scanLink(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, present(rows.Err())
}

func scanLink(rows *sql.Rows) (l LinkRow, err error) {
	var subIDs []byte
	var window int64
	err = rows.Scan(&l.Number, &l.ID, &l.MerchantID, &l.ProgramID, &l.AffiliateID, &l.HostKey, &l.Slug, &l.Destination, &subIDs, &l.Status,
		&l.ProgramStatus, &l.FallbackURL, &l.AffiliateStatus, &l.EnrollmentStatus, &l.Revision, &window)
	if err == nil && len(subIDs) > 0 {
		err = json.Unmarshal(subIDs, &l.SubIDs)
	}
	l.Window = time.Duration(window) * time.Second
	return l, err
}

func one(rows []LinkRow, err error) (*LinkRow, error) {
	switch {
	case err != nil:
		return nil, err
	case len(rows) == 0:
		return nil, problem.New(problem.NotFound, "not found").Because(errors.New("no such link"))
	}
	return &rows[0], nil
}
