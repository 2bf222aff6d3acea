package connect

import (
	"context"
	"net/http"

	"github.com/tributary/tributary/ent/webhookreceipt"
)

// receiveAll stores each message of a proven body and answers: a success says that all
// of them are stored. One that cannot be read is refused, and the others are not held up.
func (s *Service) receiveAll(ctx context.Context, w http.ResponseWriter, d delivery, provider Batched) {
	parts, err := provider.Split(d.raw)
	if err != nil {
		if _, kept := s.refuse(ctx, d, refusal(err)); kept != nil {
			err = kept
		}
		fail(w, err)
		return
	}
	v, err := s.takeAll(ctx, d, parts)
	if err != nil {
		s.store.Log().ErrorContext(ctx, "webhooks were put off", "integration", d.row.ID, "messages", len(parts), "error", err)
		fail(w, err)
		return
	}
	reply(w, http.StatusOK, answer{Status: string(v), Messages: len(parts)})
}

// takeAll is take for the messages of one body. Of copies the first is worked on. It
// says RECEIVED when something is to be done.
func (s *Service) takeAll(ctx context.Context, d delivery, parts [][]byte) (webhookreceipt.Status, error) {
	var all []*arrival
	outcome, seen := webhookreceipt.StatusIGNORED, map[string]bool{}
	for _, part := range parts {
		one := d
		one.raw, one.size = part, len(part)
		msg, err := d.provider.Message(d.envelope.Topic, part)
		if err != nil {
			if _, err = s.refuse(ctx, one, refusal(err)); err != nil {
				return "", err
			}
			continue
		}
		one.envelope = d.envelope.with(msg)
		v := verdict{status: webhookreceipt.StatusRECEIVED}
		if msg.Ignored != "" {
			v = ignored(msg.Ignored)
		}
		twice, err := s.known(ctx, d.row.ID, msg.Key, "", webhookreceipt.StatusRECEIVED)
		if err != nil {
			return "", err
		}
		if twice || seen[msg.Key] {
			v = verdict{status: webhookreceipt.StatusDUPLICATE}
		}
		seen[msg.Key] = true
		if v.status == webhookreceipt.StatusRECEIVED {
			outcome = v.status
		}
		a, err := s.arrived(one, msg.Key, msg.OrderID, v)
		if err != nil {
			return "", err
		}
		all = append(all, a)
	}
	err := s.putAll(ctx, all...)
	if err == nil && outcome == webhookreceipt.StatusRECEIVED {
		s.nudge()
	}
	return outcome, err
}
