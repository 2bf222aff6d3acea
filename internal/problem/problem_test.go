package problem_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/tributary/tributary/internal/problem"
)

func TestErrorTextNamesCodeAndField(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		err  *problem.Error
		want string
	}{
		{problem.New(problem.State, "program is %s", "ENDED"), "WRONG_STATE: program is ENDED"},
		{problem.At(problem.Invalid, "input.name", "is empty"), "INVALID input.name: is empty"},
		{problem.At(problem.Invalid, "", "is empty"), "INVALID: is empty"},
	} {
		if got := row.err.Error(); got != row.want {
			t.Errorf("got %q, want %q", got, row.want)
		}
	}
}

func TestUnderPrefixesACopy(t *testing.T) {
	t.Parallel()
	inner := problem.At(problem.AmountRange, "amount", "is too large")
	outer := inner.Under("input.lines.0")
	if want := []string{"input", "lines", "0", "amount"}; !slices.Equal(outer.Field, want) {
		t.Errorf("field %q, want %q", outer.Field, want)
	}
	if want := []string{"amount"}; !slices.Equal(inner.Field, want) {
		t.Errorf("the original became %q", inner.Field)
	}
	if same := inner.Under(""); !slices.Equal(same.Field, inner.Field) {
		t.Errorf("an empty prefix gave %q", same.Field)
	}
	if whole := problem.New(problem.Invalid, "no").Under("input"); !slices.Equal(whole.Field, []string{"input"}) {
		t.Errorf("a problem without a field became %q", whole.Field)
	}
}

func TestCauseIsReachableButNeverShown(t *testing.T) {
	t.Parallel()
	cause := fmt.Errorf("dial 10.0.0.7: %w", context.DeadlineExceeded)
	plain := problem.At(problem.Unavailable, "input.id", "try again")
	e := plain.Because(cause)
	if !errors.Is(e, context.DeadlineExceeded) {
		t.Error("errors.Is does not find the cause")
	}
	if want := "UNAVAILABLE input.id: try again"; e.Error() != want {
		t.Errorf("Error() = %q, want %q", e.Error(), want)
	}
	if e.Message != "try again" {
		t.Errorf("message became %q", e.Message)
	}
	if plain.Unwrap() != nil {
		t.Error("Because changed the original")
	}
	e.Field[0] = "other"
	if plain.Field[0] != "input" {
		t.Error("the copy shares its field path with the original")
	}
}

func TestAsAndCodeOf(t *testing.T) {
	t.Parallel()
	inner := problem.New(problem.NotFound, "no such link")
	outer := problem.New(problem.Invalid, "bad link").Because(inner)
	for _, row := range []struct {
		name string
		err  error
		code problem.Code
		is   bool
	}{
		{"nil", nil, "", false},
		{"stranger", errors.New("disk full"), problem.Internal, false},
		{"problem", inner, problem.NotFound, true},
		{"wrapped problem", fmt.Errorf("link: %w", inner), problem.NotFound, true},
		{"outermost wins", outer, problem.Invalid, true},
		{"joined", errors.Join(errors.New("first"), inner), problem.NotFound, true},
	} {
		if got := problem.CodeOf(row.err); got != row.code {
			t.Errorf("%s: code %q, want %q", row.name, got, row.code)
		}
		if e, ok := problem.As(row.err); ok != row.is || ok && e.Code != row.code {
			t.Errorf("%s: As = %v, %v", row.name, e, ok)
		}
	}
}
