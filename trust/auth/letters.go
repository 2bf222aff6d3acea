package auth

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/mail"
	"github.com/tributary/tributary/internal/queue"
	"github.com/tributary/tributary/internal/store"
)

// The kinds of jobs this room leaves. The subject is the code's id, the merchant
// that of an invitation.
const (
	jobVerify     = "letter_verify"
	jobReset      = "letter_reset"
	jobKnown      = "letter_known"
	jobInvitation = "letter_invitation"
)

// Tasks does the jobs this room leaves: it writes and sends the letters that
// hold codes.
func (s *Service) Tasks() []queue.Task {
	return []queue.Task{
		{Kind: jobVerify, Do: s.sends(mail.Verify, "verify")},
		{Kind: jobReset, Do: s.sends(mail.Reset, "reset")},
		{Kind: jobKnown, Do: s.sends(mail.Known, "reset")},
		{Kind: jobInvitation, Do: s.sends(mail.Invitation, "invitation")},
	}
}

// post leaves a letter to be written after the commit. The insert is part of the
// command, although it costs it a statement: people sign up and forget their
// passwords seldom, and a code without its letter helps nobody.
func (s *Service) post(ctx context.Context, tx *store.Tx, kind, codeID, merchantID string) error {
	return s.desk.Leave(ctx, tx, queue.Job{Kind: kind, Merchant: merchantID, Subject: codeID})
}

// sends writes one letter for a code that still works, and sends it.
func (s *Service) sends(l mail.Letter, key string) func(context.Context, queue.Job) error {
	return func(ctx context.Context, j queue.Job) error {
		row, err := s.store.DoorCodeByID(ctx, j.Subject)
		if err != nil || !works(row, s.store.Now()) {
			return ignoreAbsent(err)
		}
		m, err := s.letter(ctx, l, key, row, j.Merchant)
		if err != nil {
			return err
		}
		err = s.mail.Send(ctx, m)
		if errors.Is(err, mail.ErrRefused) {
			return fmt.Errorf("%w: %w", queue.ErrGiveUp, err)
		}
		return err
	}
}

func ignoreAbsent(err error) error {
	if absent(err) {
		return nil
	}
	return err
}

func (s *Service) letter(ctx context.Context, l mail.Letter, key string, row *ent.OneTimeCode, merchantID string) (mail.Message, error) {
	u, err := s.store.DoorUser(ctx, row.UserID)
	if err != nil {
		return mail.Message{}, err
	}
	w := mail.Words{Name: u.Name, Code: s.codeOf(row.ID), Hours: int(math.Round(row.ExpiresAt.Sub(row.CreatedAt).Hours()))}
	if s.page != "" {
		w.Link = s.page + "#" + key + "=" + w.Code // behind #: no server on the way writes it into a log
	}
	if merchantID != "" {
		at, err := s.store.DoorMerchant(ctx, merchantID)
		if err != nil {
			return mail.Message{}, err
		}
		w.Merchant = at.Name
	}
	m, err := mail.Write(l, w)
	m.ID, m.To, m.Date = row.ID, u.Email, row.CreatedAt
	return m, err
}
