package connect

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// JSON sends a body to a provider and reads the answer's, nil for none of them. It is
// what most providers are called by. Errors: ErrWithdrawn for 401 and 403, Answered
// for what is no success, others when the provider cannot be reached or understood.
// No error holds a header or a body: they may be secrets.
func (c Call) JSON(ctx context.Context, method, url string, header http.Header, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return fmt.Errorf("connect: a body cannot be written as %T", in)
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if header != nil {
		r.Header = header.Clone()
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("Accept", "application/json")
	answer, err := c(ctx, r)
	switch {
	case err != nil:
		return err
	case answer.Status == http.StatusUnauthorized || answer.Status == http.StatusForbidden:
		return fmt.Errorf("%w: %w", ErrWithdrawn, Answered(answer.Status))
	case answer.Status < 200 || answer.Status > 299:
		return Answered(answer.Status)
	}
	if out != nil && json.Unmarshal(answer.Body, out) != nil {
		return fmt.Errorf("connect: the answer to %s is not understood", method)
	}
	return nil
}
