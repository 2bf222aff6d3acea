package auth

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

func (h house) operation(document string) OperationOutcome {
	h.t.Helper()
	out, err := h.OperationRegister(h.as(h.owner.AccessToken), OperationRegisterInput{Name: "form", Document: document})
	must(h.t, err)
	return out
}

func (h house) operations(ctx context.Context) []string {
	h.t.Helper()
	all, err := h.Operations(ctx)
	must(h.t, err)
	return all
}

// The hash is SHA-256 as any client computes it: here that of "{ viewer { id } }".
func TestOperationIsRegisteredOnceAndRetired(t *testing.T) {
	h := open(t)
	ctx := h.as(h.owner.AccessToken)
	first := h.operation("{ viewer { id } }")
	if again := h.operation("{ viewer { id } }"); again != first || first.Hash != "7d9c7d0e4b8d7d6d" && len(first.Hash) != 64 {
		t.Errorf("%+v, then %+v", first, again)
	}
	if all := h.operations(ctx); !slices.Equal(all, []string{first.Hash}) {
		t.Errorf("%v", all)
	}
	text, err := h.OperationDocument(ctx, first.Hash)
	if err != nil || text != "{ viewer { id } }" {
		t.Errorf("%q %v", text, err)
	}
	for range 2 {
		_, err = h.OperationRetire(ctx, OperationRetireInput{ID: first.ID})
		must(t, err)
	}
	if all := h.operations(ctx); len(all) != 0 {
		t.Errorf("a retired operation is allowed: %v", all)
	}
	h.operation("{ viewer { id } }")
	if all := h.operations(ctx); len(all) != 1 {
		t.Errorf("one that is registered again is not allowed: %v", all)
	}
}

// Another merchant's operations are neither listed nor retired.
func TestOperationsAreTheirMerchantsOwn(t *testing.T) {
	h := open(t)
	mine := h.operation("{ viewer { id } }")
	other := h.as(h.signUp("bob@example.com").AccessToken)
	if all := h.operations(other); len(all) != 0 {
		t.Errorf("%v", all)
	}
	_, err := h.OperationRetire(other, OperationRetireInput{ID: mine.ID})
	refused(t, err, problem.NotFound, "id")
	_, err = h.OperationDocument(other, mine.Hash)
	refused(t, err, problem.NotFound, "")
	if all := h.operations(t.Context()); len(all) != 0 {
		t.Errorf("nobody's: %v", all)
	}
}

// Another server sees a change within a second: here one that has just asked.
func TestOperationsAreFreshWithinASecond(t *testing.T) {
	h := open(t)
	other := New(Config{Store: h.store})
	ctx := h.as(h.owner.AccessToken)
	before, err := other.Operations(ctx)
	must(t, err)
	h.operation("{ viewer { id } }")
	h.clock.Advance(800 * time.Millisecond)
	after, err := other.Operations(ctx)
	must(t, err)
	if len(before) != 0 || len(after) != 1 {
		t.Errorf("%v, then %v", before, after)
	}
}

func TestOperationInputIsChecked(t *testing.T) {
	h := open(t)
	ctx := h.as(h.owner.AccessToken)
	for field, in := range map[string]OperationRegisterInput{
		"name":     {Name: "", Document: "{ viewer { id } }"},
		"document": {Name: "form", Document: strings.Repeat("x", maxDocument+1)},
	} {
		_, err := h.OperationRegister(ctx, in)
		refused(t, err, map[string]problem.Code{"name": problem.Invalid, "document": problem.TooLarge}[field], field)
	}
	h.write(h.owner.MerchantID, func(ctx context.Context, tx *store.Tx) error {
		for i := range maxOperations {
			err := tx.Ent().PersistedOperation.Create().SetHash(strings.Repeat("a", i%60) + string(rune('a'+i/60))).SetName("n").SetDocument("d").Exec(ctx)
			if err != nil {
				return err
			}
		}
		return nil
	})
	_, err := h.OperationRegister(ctx, OperationRegisterInput{Name: "form", Document: "{ viewer { id } }"})
	refused(t, err, problem.TooLarge, "")
}

func TestTokenIsBoundToRegisteredOperations(t *testing.T) {
	h := open(t)
	free := h.token(TokenCreateInput{Scopes: []trust.Scope{trust.LinkRead}})
	bound := h.token(TokenCreateInput{Scopes: []trust.Scope{trust.LinkRead}, RegisteredOnly: true})
	for secret, want := range map[string]bool{free.Secret: false, bound.Secret: true} {
		v, err := h.Authenticate(t.Context(), secret, "")
		must(t, err)
		if v.RegisteredOnly != want {
			t.Errorf("%v, want %v", v.RegisteredOnly, want)
		}
	}
}
