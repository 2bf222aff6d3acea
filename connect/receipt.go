package connect

import (
	"context"
	"strings"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/webhookreceipt"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// Bounds of what is kept of a message.
const (
	keptOfRefused = 1 << 10 // bytes of a refused body
	maxRefused    = 100     // refused bodies of an integration, of each kind
	maxTopic      = 80
	maxDelivery   = 128
	maxReason     = 500
	maxSubject    = 200
)

// delivery is one message on its way in.
type delivery struct {
	row      *ent.Integration
	provider Provider
	envelope Envelope
	raw      []byte
	size     int // of the body, also where raw is only its beginning
}

// verdict is what became of a message.
type verdict struct {
	status   webhookreceipt.Status
	reason   string           // CODE field: words
	waitsFor string           // the order a parked message waits for
	faults   []*problem.Error // what was refused
	names    []string         // of the order, under which others may wait for it
}

func applied() verdict { return verdict{status: webhookreceipt.StatusAPPLIED} }

func ignored(reason string) verdict {
	return verdict{status: webhookreceipt.StatusIGNORED, reason: reason}
}

func refusal(err error) verdict {
	faults := earn.Faults(err)
	parts := make([]string, len(faults))
	for i, f := range faults {
		parts[i] = strings.TrimSpace(string(f.Code)+" "+strings.Join(f.Field, ".")) + ": " + f.Message
	}
	return verdict{status: webhookreceipt.StatusREFUSED, reason: strings.Join(parts, "; "), faults: faults}
}

// receiving is the command that stores receipts. Machine intake of this kind leaves
// no audit row: the receipt is the record, and the effect has one of its own.
var receiving = store.Command{Name: "webhookReceive", Quiet: true}

func (s *Service) keepIn(ctx context.Context, tx *store.Tx, d delivery, key string, v verdict) (string, error) {
	receiptID := tx.ID(id.Receipt)
	body, err := s.sealBody(d.row.MerchantID, receiptID, v.status, d.raw)
	if err != nil {
		return "", err
	}
	create := tx.Ent().WebhookReceipt.Create().SetID(receiptID).SetIntegrationID(d.row.ID).
		SetTopic(clean(d.envelope.Topic, maxTopic)).SetDeliveryID(clean(d.envelope.DeliveryID, maxDelivery)).
		SetEventID(clean(d.envelope.EventID, maxDelivery)).SetBusinessKey(key).
		SetStatus(v.status).SetReason(clean(v.reason, maxReason)).SetSize(d.size).SetBodySealed(body)
	if v.waitsFor != "" {
		create.SetWaitsFor(v.waitsFor)
	}
	return receiptID, create.Exec(ctx)
}

// sealBody seals what is kept of a body: all of it where it may be read again or
// shown, its beginning where it was refused, nothing where it is there already.
func (s *Service) sealBody(merchantID, receiptID string, status webhookreceipt.Status, raw []byte) ([]byte, error) {
	switch status {
	case webhookreceipt.StatusDUPLICATE:
		return nil, nil
	case webhookreceipt.StatusREFUSED:
		raw = raw[:min(len(raw), keptOfRefused)]
	}
	return s.store.Keys().Seal(raw, bodyPlace(merchantID, receiptID))
}

// known reports whether an equal message has been taken in, other than the one with
// that id: one that was worked on, or stands as also.
func (s *Service) known(ctx context.Context, integrationID, key, but string, also ...webhookreceipt.Status) (bool, error) {
	return s.store.Client().WebhookReceipt.Query().Where(
		webhookreceipt.IntegrationID(integrationID), webhookreceipt.BusinessKey(key), webhookreceipt.IDNEQ(but),
		webhookreceipt.StatusIn(append(also, webhookreceipt.StatusAPPLIED, webhookreceipt.StatusPARKED, webhookreceipt.StatusIGNORED)...),
	).Exist(ctx)
}

// clean makes text from outside fit a column: whole characters, no NUL.
func clean(text string, limit int) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "?"), "\x00", "?")
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "")
}
