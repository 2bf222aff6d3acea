package auth

import (
	"context"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

// inMode gives the context in which the viewer makes a token of the merchant in
// that mode: its own merchant, or the twin of it when the person may make tokens
// there too. Errors: INVALID mode for a machine, whose token stands for one
// merchant alone; NOT_FOUND and FORBIDDEN mode.
func (s *Service) inMode(ctx context.Context, mode string) (context.Context, error) {
	v, known := trust.From(ctx)
	if mode == "" || !known {
		return ctx, nil
	}
	here, err := s.store.DoorMerchant(ctx, v.MerchantID)
	if err != nil || string(here.Mode) == mode {
		return ctx, err
	}
	if v.Kind != trust.KindUser {
		return ctx, problem.At(problem.Invalid, "mode", "sign in to make a token in the other mode")
	}
	there, err := s.member(ctx, v.PrincipalID, here.TwinID)
	if absent(err) {
		return ctx, problem.At(problem.NotFound, "mode", "you are not a member of the merchant in that mode")
	}
	if err == nil && !there.Can(trust.TokenWrite) {
		err = problem.At(problem.Forbidden, "mode", "you may not make tokens there")
	}
	there.SessionID = v.SessionID
	return trust.With(ctx, there), err
}
