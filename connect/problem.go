package connect

import (
	"strings"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// Problem is a problem as answers outside the API show it.
type Problem struct {
	Code    string `json:"code"`
	Field   string `json:"field,omitempty"` // dots between the parts
	Message string `json:"message"`
}

// Problems lists what a message was refused for. An error that is no problem has
// nothing that may be told.
func Problems(err error) []Problem { return listed(earn.Faults(err)) }

func listed(faults []*problem.Error) []Problem {
	var out []Problem
	for _, f := range faults {
		out = append(out, Problem{Code: string(f.Code), Field: strings.Join(f.Field, "."), Message: f.Message})
	}
	return out
}

// Permanent reports whether a message that met this error would meet it again: then
// it is the message that is wrong. All else may pass when it is sent again.
func Permanent(err error) bool {
	faults := earn.Faults(err)
	for _, f := range faults {
		if !f.Code.User() {
			return false
		}
	}
	return len(faults) > 0 && !store.Infrastructure(err)
}

// named puts what is not there at the field that names it.
func named(err error, field, words string) error {
	if ent.IsNotFound(err) {
		return problem.At(problem.NotFound, field, "%s", words)
	}
	return err
}
