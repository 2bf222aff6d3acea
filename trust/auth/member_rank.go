package auth

import (
	"context"

	"github.com/tributary/tributary/ent/membership"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// lacking is the first scope of a role that a viewer does not hold, "" when it
// holds them all. Whether a person's address is proven does not count: whom they
// make an owner has an address to prove too.
func lacking(v trust.Viewer, role membership.Role) trust.Scope {
	v.Unverified = false
	for _, s := range trust.ScopesOf(trust.Role(role)) {
		if !v.Can(s) {
			return s
		}
	}
	return ""
}

// mayGive keeps a viewer from handing out a role that may do more than the viewer:
// a program that may write members would else make itself an owner. Errors:
// Forbidden at role.
func (s *Service) mayGive(ctx context.Context, command, role string) error {
	v, _ := trust.From(ctx)
	lacks := lacking(v, membership.Role(role))
	if lacks == "" {
		return nil
	}
	s.denyRole(ctx, command, "")
	return outranked("role", lacks)
}

func outranked(field string, lacks trust.Scope) error {
	return problem.At(problem.Forbidden, field, "the role may do more than you: you do not hold %s", lacks)
}

// denyRole puts the refusal on record.
func (s *Service) denyRole(ctx context.Context, command, subject string) {
	v, _ := trust.From(ctx)
	s.store.Deny(ctx, store.Denial{Viewer: v, Action: command, Subject: subject, Reason: "role"})
}
