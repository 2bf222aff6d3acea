package connect

import (
	"context"
	"errors"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/trust"
)

// errNoSandbox says that a test order has no place to go: it is ignored.
var errNoSandbox = errors.New("connect: the merchant has no sandbox")

// sandbox gives the integration as it would stand in the merchant's sandbox, for
// a message that belongs there: an order that the shop marks as a test, and what
// is told later of an order that is there and not here (Q76). It is nil for a
// message that belongs here.
func (s *Service) sandbox(ctx context.Context, row *ent.Integration, msg Message, here bool) (*ent.Integration, error) {
	place := s.roster.MirrorOf
	switch {
	case msg.test():
		place = s.rehearsal
	case msg.Order != nil || here:
		return nil, nil
	}
	there, err := place(ctx, row.ProgramID)
	switch {
	case err != nil:
		return nil, err
	case there.MerchantID == "" && there.Live && msg.test():
		return nil, errNoSandbox
	case there.MerchantID == "":
		return nil, nil
	}
	twin := &ent.Integration{ID: row.ID, MerchantID: there.MerchantID, ProgramID: there.ProgramID, Provider: row.Provider, OrderScope: row.OrderScope}
	if msg.test() {
		return twin, nil
	}
	sale, err := s.meant(trust.With(ctx, asShop(twin)), twin, msg)
	if err != nil || sale == nil {
		return nil, err
	}
	return twin, nil
}

// rehearsal makes the program's place in the sandbox what the program is here.
func (s *Service) rehearsal(ctx context.Context, programID string) (roster.Mirror, error) {
	there, err := s.roster.ProgramMirror(ctx, programID)
	if err == nil {
		err = s.earn.TermsMirror(ctx, programID, there)
	}
	return there, err
}

// rehearse applies a message in the sandbox. The receipt stays with the
// integration that it came to; nothing else of the live merchant is touched.
func (s *Service) rehearse(ctx context.Context, twin *ent.Integration, msg Message, err error) (verdict, error) {
	if errors.Is(err, errNoSandbox) {
		return ignored(reasonTest), nil
	}
	if err != nil {
		return verdict{}, err
	}
	v, err := s.follow(trust.With(ctx, asShop(twin)), twin, msg)
	if err == nil && v.reason == "" {
		v.reason = reasonTest
	}
	return v, err
}
