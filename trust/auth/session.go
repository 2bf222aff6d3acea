package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/session"
	"github.com/tributary/tributary/ent/user"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// A family is one log-in and every session that descends from it: each refresh
// ends one row and makes the next, a switch makes one at another merchant. The
// family's id is that of its first row, the root. A row's ended_at says that
// its refresh token was used; the root's end_reason says that the family as a
// whole is over, and why.
const (
	loggedOut   = "LOGGED_OUT"
	passwordSet = "PASSWORD_SET"
	reused      = "REUSED" // a used refresh token came back: someone has a copy
)

// grace is for two tabs that refresh with one token at the same moment: the
// slower one is refused, and the family lives on with the faster one's token.
// Whoever comes later with a used token holds a copy, and ends the family. A
// thief who comes within the grace is refused as well and has gained nothing.
const grace = 10 * time.Second

// Tokens answers whoever has just proved who they are. None is part of a stored
// outcome. A person with a second factor gets a Challenge, which ends at
// AccessExpiresAt, and nothing else.
type Tokens struct {
	Challenge        string `json:"-"`
	AccessToken      string `json:"-"`
	RefreshToken     string `json:"-"`
	AccessExpiresAt  time.Time
	RefreshExpiresAt time.Time
	UserID           string
	MerchantID       string
	Role             trust.Role
	AffiliateID      string // of an affiliate's membership
	SessionID        string // the family
}

// refreshToken is good for one use. It is long and random; its SHA-256 is stored.
type refreshToken string

func newRefreshToken() refreshToken { return refreshToken("trb_refresh_" + rand.Text() + rand.Text()) }

func digest[T ~string](secret T) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// begin writes the root of a new family and gives its id.
func begin(ctx context.Context, tx *store.Tx, v trust.Viewer, t refreshToken) (string, error) {
	v.SessionID = tx.ID(id.Session)
	return v.SessionID, link(ctx, tx, v.SessionID, v, t)
}

// link writes one session of the viewer's family, at the viewer's merchant.
func link(ctx context.Context, tx *store.Tx, rowID string, v trust.Viewer, t refreshToken) error {
	return tx.Ent().Session.Create().SetID(rowID).SetUserID(v.PrincipalID).SetFamily(v.SessionID).
		SetRefreshHash(digest(t)).SetExpiresAt(tx.Now().Add(refreshLife)).Exec(as(ctx, v.MerchantID))
}

// as is the context in which this room writes at a merchant: sessions are out of
// an affiliate's sight, and a family may reach over several merchants.
func as(ctx context.Context, merchantID string) context.Context {
	return trust.With(ctx, trust.System(merchantID))
}

// alive reports whether the family lives. It takes no lock: a family that ends
// while a session is added to it takes that session along, since whoever uses it
// is asked for the root first.
func alive(ctx context.Context, tx *store.Tx, root *ent.Session) (bool, error) {
	return tx.Ent().Session.Query().Where(session.ID(root.ID), session.EndReason("")).Exist(as(ctx, root.MerchantID))
}

// end ends the family. A family that has ended keeps its first reason.
func end(ctx context.Context, tx *store.Tx, root *ent.Session, reason string) error {
	_, err := tx.Ent().Session.Update().Where(session.ID(root.ID), session.EndReason("")).
		SetEndReason(reason).SetEndedAt(tx.Now()).Save(as(ctx, root.MerchantID))
	return err
}

// issue gives a viewer with a session its tokens.
func (s *Service) issue(v trust.Viewer, t refreshToken) (Tokens, error) {
	now := s.store.Now()
	access, expires, err := s.mint(v, now)
	return Tokens{
		AccessToken: access, AccessExpiresAt: expires, RefreshToken: string(t), RefreshExpiresAt: now.Add(refreshLife),
		UserID: v.PrincipalID, MerchantID: v.MerchantID, Role: v.Role, AffiliateID: v.AffiliateID, SessionID: v.SessionID,
	}, err
}

// member is what a user is at a merchant now. NotFound: no such user or
// membership, a disabled user, an ended membership.
func (s *Service) member(ctx context.Context, userID, merchantID string) (trust.Viewer, error) {
	u, err := s.store.DoorUser(ctx, userID)
	if err != nil {
		return trust.Viewer{}, err
	}
	if u.Status != user.StatusACTIVE {
		return trust.Viewer{}, problem.New(problem.NotFound, "the user is disabled")
	}
	all, err := s.store.DoorMemberships(ctx, userID)
	if err != nil {
		return trust.Viewer{}, err
	}
	for _, m := range all {
		if m.MerchantID == merchantID {
			v := viewerOf(m)
			v.Unverified = u.EmailVerifiedAt == nil
			return v, nil
		}
	}
	return trust.Viewer{}, problem.New(problem.NotFound, "not a member")
}

func viewerOf(m *ent.Membership) trust.Viewer {
	v := trust.Viewer{MerchantID: m.MerchantID, PrincipalID: m.UserID, Kind: trust.KindUser, Role: trust.Role(m.Role)}
	if m.AffiliateID != nil {
		v.AffiliateID = *m.AffiliateID
	}
	return v
}
