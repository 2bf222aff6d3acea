package auth

import (
	"context"
	"encoding/hex"

	"github.com/tributary/tributary/internal/form"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// denied is a credential of somebody known that opened nothing.
func denied(v trust.Viewer, reason string) store.Denial {
	return store.Denial{Viewer: v, Action: "authenticate", Subject: v.PrincipalID, Reason: reason}
}

// OperationDenied puts on record that the viewer asked for a document it may not run.
func (s *Service) OperationDenied(ctx context.Context, v trust.Viewer) {
	s.store.Deny(ctx, store.Denial{Viewer: v, Action: "operation", Subject: v.PrincipalID, Reason: "not registered"})
}

// viewer is who a signed token was made for, whether or not it still holds.
func (c claims) viewer() trust.Viewer {
	return trust.Viewer{MerchantID: c.Merchant, PrincipalID: c.Subject, Kind: trust.KindUser, SessionID: c.Family}
}

// refusedLogIn puts a wrong pair on record at the merchant that the log-in would
// have entered. Whether there is such a person is found out beside the request:
// the answer takes the same time for an address that nobody has. That one is in
// the log alone, as a keyed hash.
func (s *Service) refusedLogIn(ctx context.Context, in LogInInput, err error) {
	if problem.CodeOf(err) != problem.Unauthenticated {
		return
	}
	s.store.DenyAside(ctx, func(ctx context.Context) (store.Denial, bool) {
		u, err := s.store.DoorUserByEmail(ctx, form.TidyEmail(in.Email))
		if err != nil && !absent(err) {
			s.store.Log().Error("a refused log-in is not in the audit", "error", err)
			return store.Denial{}, false
		}
		if err != nil {
			subject := s.store.Keys().MAC64("log-in", []byte(form.TidyEmail(in.Email)))
			s.store.Log().Info("a log-in of nobody known was refused", "subject", hex.EncodeToString(subject[:]))
			return store.Denial{}, false
		}
		v, err := s.entrance(ctx, u.ID, in.MerchantID)
		if err != nil {
			v, err = s.entrance(ctx, u.ID, "")
		}
		return store.Denial{Viewer: v, Action: "logIn", Subject: u.ID, Reason: "password"}, err == nil
	})
}
