// Package notice tells affiliates by mail what happened to them: approved, or
// brought in and invited to sign in, first commission, paid.
//
// Means: a notice is a letter about one event of the journal. A follower finds
// the events and leaves a job each; the job writes the letter from the rows as
// they are then, and sends it.
//
// Owns the follower "notices" and its jobs, no rows.
//
// Refuses: letters of test merchants, whose affiliates are made up, and of
// affiliates who are not there any more.
//
// Invariants: a job holds ids only, and makes a claim again from them; every event has its job once, since the job
// is left with the follower's cursor; a letter leaves at least once, and always
// under the same Message-ID.
package notice

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/merchant"
	"github.com/tributary/tributary/internal/mail"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/queue"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/trust"
)

// The kinds of jobs; the subject is an affiliate, a commission or a payout.
const (
	jobApproved  = "notice_approved"
	jobFirstSale = "notice_first_sale"
	jobPaid      = "notice_paid"
)

// jobOf says which events are told of.
var jobOf = map[string]string{
	"affiliate.approved": jobApproved,
	"commission.accrued": jobFirstSale,
	"payout.settled":     jobPaid,
}

// stale is the age from which on an event is no news: a server that reads the
// journal for the first time does not write to everybody about the past.
const stale = 24 * time.Hour

// Config is what the room needs.
type Config struct {
	Store  *store.Store
	Roster *roster.Service
	Desk   *queue.Desk
	Mail   mail.Sender
	Page   string // a page that takes claims out of its fragment; letters show bare claims without one
}

// Service is the room.
type Service struct{ Config }

// New opens the room.
func New(c Config) *Service { return &Service{c} }

// Follower leaves a job for each event that is told of.
func (s *Service) Follower() store.Follower { return store.Follower{Name: "notices", Apply: s.apply} }

func (s *Service) apply(ctx context.Context, tx *store.Tx, events []store.Event) error {
	var jobs []queue.Job
	for _, e := range events {
		kind, told := jobOf[e.Type]
		if !told || tx.Now().Sub(e.At) > stale {
			continue
		}
		if kind == jobFirstSale && e.Facts["kind"] != "" {
			continue // of no sale: a bonus, or what a tier has added
		}
		if kind == jobFirstSale {
			first, err := isFirst(ctx, tx, e)
			if err != nil {
				return err
			}
			if !first {
				continue
			}
		}
		jobs = append(jobs, queue.Job{Kind: kind, Merchant: e.MerchantID, Subject: e.Subject})
	}
	if len(jobs) == 0 {
		return nil
	}
	live, err := tx.Ent().Merchant.Query().Where(merchant.ModeEQ(merchant.ModeLIVE)).Exist(ctx)
	if err != nil || !live {
		return err
	}
	return s.Desk.Leave(ctx, tx, jobs...)
}

// isFirst reports whether no sale has paid the affiliate before. Of two that
// are made at the same instant by two servers each may be taken for the first:
// their letters then have one Message-ID.
func isFirst(ctx context.Context, tx *store.Tx, e store.Event) (bool, error) {
	older, err := tx.Ent().Commission.Query().
		Where(commission.AffiliateID(e.AffiliateID), commission.ConversionIDNotNil(), commission.IDLT(e.Subject)).Exist(ctx)
	return !older, err
}

// Tasks does the jobs.
func (s *Service) Tasks() []queue.Task {
	return []queue.Task{
		{Kind: jobApproved, Do: s.sends(s.approved)},
		{Kind: jobFirstSale, Do: s.sends(s.firstSale)},
		{Kind: jobPaid, Do: s.sends(s.paid)},
	}
}

// occasion is what a letter is about.
type occasion struct {
	letter      mail.Letter
	affiliateID string
	of          string // what the letter happens once for
	words       mail.Words
}

// sends reads an occasion and writes the letter about it.
func (s *Service) sends(read func(context.Context, string) (occasion, error)) func(context.Context, queue.Job) error {
	return func(ctx context.Context, j queue.Job) error {
		ctx = trust.With(ctx, trust.System(j.Merchant))
		about, err := read(ctx, j.Subject)
		if err != nil {
			return ignoreAbsent(err)
		}
		m, err := s.letter(ctx, about, j.Merchant)
		if err != nil {
			return ignoreAbsent(err)
		}
		err = s.Mail.Send(ctx, m)
		if errors.Is(err, mail.ErrRefused) {
			return fmt.Errorf("%w: %w", queue.ErrGiveUp, err)
		}
		return err
	}
}

func ignoreAbsent(err error) error {
	if ent.IsNotFound(err) {
		return nil
	}
	return err
}

func (s *Service) letter(ctx context.Context, about occasion, merchantID string) (mail.Message, error) {
	to, err := s.Store.Client().Affiliate.Query().
		Where(affiliate.ID(about.affiliateID), affiliate.StatusNotIn(affiliate.StatusREJECTED, affiliate.StatusARCHIVED)).Only(ctx)
	if err != nil {
		return mail.Message{}, err
	}
	from, err := s.Store.Client().Merchant.Get(ctx, merchantID)
	if err != nil {
		return mail.Message{}, err
	}
	about.words.Name, about.words.Merchant = to.Name, from.Name
	m, err := mail.Write(about.letter, about.words)
	m.ID, m.To, m.Date = strings.ReplaceAll(string(about.letter), "_", "-")+"."+about.of, to.Email, s.Store.Now()
	return m, err
}

// approved tells an applicant of being let in. Whom staff brought in has applied
// for nothing and has no password: that letter holds the claim.
func (s *Service) approved(ctx context.Context, affiliateID string) (occasion, error) {
	row, err := s.Store.Client().Affiliate.Get(ctx, affiliateID)
	if err != nil {
		return occasion{}, err
	}
	about := occasion{letter: mail.Approved, affiliateID: affiliateID, of: affiliateID}
	if token, open := s.Roster.Invitation(row); open {
		about.letter, about.words.Code = mail.Recruited, token
		if s.Page != "" {
			about.words.Link = s.Page + "#claim=" + token // behind #: no server on the way writes it into a log
		}
	}
	return about, nil
}

func (s *Service) firstSale(ctx context.Context, commissionID string) (occasion, error) {
	c, err := s.Store.Client().Commission.Get(ctx, commissionID)
	if err != nil {
		return occasion{}, err
	}
	return occasion{mail.FirstSale, c.AffiliateID, c.AffiliateID, mail.Words{Amount: money.Of(c.AmountMinor, c.Currency).String()}}, nil
}

func (s *Service) paid(ctx context.Context, payoutID string) (occasion, error) {
	p, err := s.Store.Client().Payout.Get(ctx, payoutID)
	if err != nil {
		return occasion{}, err
	}
	return occasion{mail.Paid, p.AffiliateID, p.ID, mail.Words{Amount: money.Of(p.AmountMinor, p.Currency).String(), Note: p.Reference}}, nil
}
