package report

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/apitoken"
	"github.com/tributary/tributary/ent/integration"
	"github.com/tributary/tributary/ent/membership"
	"github.com/tributary/tributary/ent/session"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/pay/rail"
	"github.com/tributary/tributary/trust"
)

// AccessRow is a person or a credential that may come in, or might once.
type AccessRow struct {
	Kind        string // MEMBER, SECRET, PUBLISHABLE or INTEGRATION
	SubjectID   string // of the membership, token or integration
	Name        string // a person's e-mail address; what a credential is called
	Role        string // of a member
	AffiliateID string // bound to this affiliate's rows; "" for none
	Scopes      []string
	Places      []string // networks or web origins it may be used from; anywhere when empty
	Since       time.Time
	LastSeenAt  *time.Time // last sign-in or refresh here, or last use; nil for never
	ExpiresAt   *time.Time
	EndedAt     *time.Time // when it was ended, revoked or disabled
}

// AccessReview is who may come in at an instant.
type AccessReview struct {
	At   time.Time
	Rows []AccessRow
}

// reviewLimit bounds a review's rows of each kind.
const reviewLimit = 10_000

// AccessReview lists everybody and everything with access to the viewer's
// merchant, what has ended included. It needs the scopes of all it shows, and
// that it was looked at is on record.
// Errors: Forbidden without them; TooLarge beyond ten thousand of a kind.
func (s *Service) AccessReview(ctx context.Context) (AccessReview, error) {
	v, err := viewer(ctx)
	if err != nil {
		return AccessReview{}, err
	}
	for _, scope := range []trust.Scope{trust.MemberRead, trust.TokenRead, trust.IntegrationRead} {
		if !v.Can(scope) {
			return AccessReview{}, problem.New(problem.Forbidden, "the review shows what needs %s", scope).Because(trust.ErrForbidden)
		}
	}
	review := AccessReview{At: s.store.Now()}
	for _, list := range []func(context.Context) ([]AccessRow, error){s.members, s.tokens, s.integrations} {
		rows, err := list(ctx)
		if err != nil {
			return AccessReview{}, err
		}
		if len(rows) > reviewLimit {
			return AccessReview{}, problem.New(problem.TooLarge, "more than %d members or tokens: read them page by page", reviewLimit)
		}
		review.Rows = append(review.Rows, rows...)
	}
	_, err = store.Run(ctx, s.store, store.Command{Name: "accessReview"}, func(_ context.Context, tx *store.Tx) (int, error) {
		tx.Note(tx.MerchantID(), map[string]string{"rows": strconv.Itoa(len(review.Rows))})
		return 0, nil
	})
	return review, err
}

func (s *Service) members(ctx context.Context) ([]AccessRow, error) {
	members, err := s.store.Client().Membership.Query().Order(ent.Asc(membership.FieldID)).Limit(reviewLimit + 1).All(ctx)
	if err != nil {
		return nil, err
	}
	seen, err := s.lastSeen(ctx)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(members))
	for i, m := range members {
		ids[i] = m.UserID
	}
	people, err := s.store.DoorEmails(ctx, ids)
	if err != nil {
		return nil, err
	}
	rows := make([]AccessRow, len(members))
	for i, m := range members {
		rows[i] = AccessRow{
			Kind: "MEMBER", SubjectID: m.ID, Name: people[m.UserID], Role: string(m.Role), AffiliateID: deref(m.AffiliateID),
			Since: m.CreatedAt, LastSeenAt: seen[m.UserID], EndedAt: m.EndedAt,
		}
	}
	return rows, nil
}

// lastSeen is when each person's last session here began: every sign-in and
// every refresh begins one, and its id begins with the instant.
func (s *Service) lastSeen(ctx context.Context) (map[string]*time.Time, error) {
	var last []struct {
		User string `json:"user_id"`
		Last string `json:"last"`
	}
	err := s.store.Client().Session.Query().GroupBy(session.FieldUserID).
		Aggregate(ent.As(ent.Max(session.FieldID), "last")).Scan(ctx, &last)
	seen := make(map[string]*time.Time, len(last))
	for _, one := range last {
		if at, err := id.Time(one.Last); err == nil {
			seen[one.User] = &at
		}
	}
	return seen, err
}

func (s *Service) tokens(ctx context.Context) ([]AccessRow, error) {
	tokens, err := s.store.Client().ApiToken.Query().Order(ent.Asc(apitoken.FieldID)).Limit(reviewLimit + 1).All(ctx)
	rows := make([]AccessRow, len(tokens))
	for i, t := range tokens {
		rows[i] = AccessRow{
			Kind: string(t.Kind), SubjectID: t.ID, Name: t.Name, AffiliateID: deref(t.AffiliateID), Scopes: t.Scopes,
			Places: slices.Concat(t.Addresses, t.Origins), Since: t.CreatedAt, LastSeenAt: t.LastUsedAt, ExpiresAt: t.ExpiresAt, EndedAt: t.RevokedAt,
		}
	}
	return rows, err
}

func (s *Service) integrations(ctx context.Context) ([]AccessRow, error) {
	all, err := s.store.Client().Integration.Query().Order(ent.Asc(integration.FieldID)).Limit(reviewLimit + 1).All(ctx)
	rows := make([]AccessRow, len(all))
	for i, one := range all {
		rows[i] = AccessRow{Kind: "INTEGRATION", SubjectID: one.ID, Name: one.Name, Since: one.CreatedAt}
		if one.Status == integration.StatusDISABLED || one.Status == integration.StatusDISCONNECTED {
			rows[i].EndedAt = &one.UpdatedAt
		}
	}
	return rows, err
}

func deref(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// Csv is the review as a file for a spreadsheet: no cell of it is a formula.
func (r AccessReview) Csv() (string, error) {
	table := [][]string{{"kind", "id", "name", "role", "affiliate_id", "scopes", "places", "since", "last_seen_at", "expires_at", "ended_at"}}
	for _, row := range r.Rows {
		table = append(table, []string{
			row.Kind, row.SubjectID, row.Name, row.Role, row.AffiliateID, strings.Join(row.Scopes, " "), strings.Join(row.Places, " "),
			instant(&row.Since), instant(row.LastSeenAt), instant(row.ExpiresAt), instant(row.EndedAt),
		})
	}
	var out strings.Builder
	err := rail.WriteCSV(&out, table)
	return out.String(), err
}

func instant(at *time.Time) string {
	if at == nil {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}
