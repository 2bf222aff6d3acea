package webhook

import (
	"context"
	"errors"
	"fmt"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/membership"
	"github.com/tributary/tributary/internal/mail"
	"github.com/tributary/tributary/internal/queue"
	"github.com/tributary/tributary/trust"
)

// Tasks writes the letters.
func (s *Service) Tasks() []queue.Task { return []queue.Task{{Kind: jobDisabled, Do: s.tell}} }

// tell writes to the owners of a merchant that an endpoint was disabled.
func (s *Service) tell(ctx context.Context, j queue.Job) error {
	ctx = trust.With(ctx, trust.System(j.Merchant))
	row, err := s.store.Client().WebhookEndpoint.Get(ctx, j.Subject)
	if ent.IsNotFound(err) || err == nil && row.DisabledAt == nil {
		return nil // gone, or mended meanwhile
	}
	if err != nil {
		return err
	}
	merchant, err := s.store.Client().Merchant.Get(ctx, j.Merchant)
	if err != nil {
		return err
	}
	owners, err := s.owners(ctx)
	if err != nil {
		return err
	}
	for user, to := range owners {
		m, err := mail.Write(mail.HookDisabled, mail.Words{Merchant: merchant.Name, Note: row.Host})
		if err != nil {
			return err
		}
		// One Message-ID for each time that it is disabled: a letter sent twice is one.
		m.ID, m.To, m.Date = fmt.Sprintf("hook-disabled.%s.%s.%d", row.ID, user, row.DisabledAt.Unix()), to, s.store.Now()
		if err := s.mail.Send(ctx, m); err != nil && !errors.Is(err, mail.ErrRefused) {
			return err
		}
	}
	return nil
}

// owners are the addresses of who may put it right, by user.
func (s *Service) owners(ctx context.Context) (map[string]string, error) {
	rows, err := s.store.Client().Membership.Query().
		Where(membership.RoleEQ(membership.RoleOWNER), membership.EndedAtIsNil()).Select(membership.FieldUserID).All(ctx)
	if err != nil {
		return nil, err
	}
	users := make([]string, len(rows))
	for i, m := range rows {
		users[i] = m.UserID
	}
	return s.store.DoorEmails(ctx, users)
}
