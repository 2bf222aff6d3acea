package connect

import (
	"context"
	"errors"
	"net/http"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/egress"
	"github.com/tributary/tributary/internal/store"
)

// Completer is an account whose messages leave out what can be asked for.
type Completer interface {
	Account
	// Complete asks for what a message leaves out, and gives the body with it: Message
	// reads that, and finds it no longer Partial. Errors: ErrWithdrawn, Answered, others
	// when the account cannot be reached or understood.
	Complete(ctx context.Context, call Call, account string, c Credentials, topic string, raw []byte) ([]byte, error)
}

// completed gives a message with what it left out. Where nothing can be asked, because
// there are no credentials or they are not taken, or because the account knows nothing
// of it any more, it stands as it was told. Other errors mean that it is tried again; at
// the last try it stands as it was told, too.
func (s *Service) completed(ctx context.Context, row *ent.Integration, r store.ClaimedReceipt, raw []byte, msg Message) (Message, error) {
	provider := s.providers[string(row.Provider)]
	completer, is := provider.(Completer)
	if !msg.Partial || !is || row.Account == "" || len(row.CredentialsSealed) == 0 {
		return msg, nil
	}
	c, err := s.Credentials(ctx, row.ID)
	if err == nil {
		raw, err = completer.Complete(egress.Long(ctx), s.call(), row.Account, c, r.Topic, raw)
	}
	answered, _ := errors.AsType[Answered](err)
	switch {
	case err != nil && r.Failures >= len(workPauses), errors.Is(err, ErrWithdrawn), answered == http.StatusNotFound, answered == http.StatusGone:
		s.store.Log().WarnContext(ctx, "a webhook is taken as it was told: nothing more could be asked", "integration", row.ID, "error", err)
		return msg, nil
	case err != nil:
		return msg, err
	}
	whole, err := provider.Message(r.Topic, raw)
	if err != nil { // what was told can be read
		s.store.Log().WarnContext(ctx, "a webhook is taken as it was told: what was asked for cannot be read", "integration", row.ID, "error", err)
		return msg, nil
	}
	whole.Key = msg.Key
	return whole, nil
}
