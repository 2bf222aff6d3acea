package connect

import (
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/ent/webhookreceipt"
	"github.com/tributary/tributary/track/order"
)

// tally is what a page was found to hold.
type tally struct {
	seen               int
	missing, differing []string
}

// queuePage compares a page's orders with those here, and queues what is to be done.
func (s *Service) queuePage(ctx context.Context, row *ent.Integration, r *ent.Reconciliation, page Pulled) (tally, error) {
	out := tally{seen: len(page.Orders)}
	for _, one := range page.Orders {
		msg, err := s.providers[string(row.Provider)].Message(one.Topic, one.Raw)
		if err == nil {
			err = one.Unread
		}
		if err != nil { // its webhooks are refused, too, and say why
			out.differing = append(out.differing, clean(msg.OrderID, maxSubject))
			continue
		}
		missing, differing, err := s.compare(ctx, row, msg)
		if err != nil {
			return out, err
		}
		if missing {
			out.missing = append(out.missing, msg.OrderID)
		}
		if differing {
			out.differing = append(out.differing, msg.OrderID)
		}
		if missing || differing {
			if err := s.queue(ctx, row, r, one, msg); err != nil {
				return out, err
			}
		}
	}
	return out, nil
}

// compare says whether an order is missing here, or less is known of it than the shop
// tells; of what a CRM tells, whether it was heard before. A test order is the sandbox's, and is compared there.
func (s *Service) compare(ctx context.Context, row *ent.Integration, msg Message) (missing, differing bool, err error) {
	if msg.Told != nil {
		heard, err := s.known(ctx, row.ID, msg.Key, "", webhookreceipt.StatusRECEIVED, webhookreceipt.StatusREFUSED, webhookreceipt.StatusDEAD)
		return false, !heard, err
	}
	if msg.Ignored != "" || msg.Order == nil {
		return false, false, nil
	}
	sale, err := s.meant(ctx, row, msg)
	if err != nil {
		return false, false, err
	}
	twin, err := s.sandbox(ctx, row, msg, sale != nil)
	switch {
	case err == errNoSandbox:
		return false, false, nil
	case err != nil:
		return false, false, err
	case twin != nil:
		sale, err = s.meant(ctx, twin, msg)
	}
	if err != nil || sale == nil {
		return err == nil, false, err
	}
	return false, differs(sale, msg), nil
}

// differs reports whether a message tells more than is known.
func differs(sale *ent.Conversion, msg Message) bool {
	if sale.Status == conversion.StatusCANCELLED {
		return false // nothing changes it any more
	}
	for _, r := range msg.Refunds {
		if !refunded(sale, r.ExternalID) {
			return true
		}
	}
	unheard := sale.Spoken != "" && sale.Spoken != string(order.TellerShop) // others told it, and count versions by other clocks
	return unheard || msg.Order.Version > sale.SourceVersion || !msg.CancelledAt.IsZero()
}

// queue lets an order be worked on as if the shop had just told it, unless it waits
// already.
func (s *Service) queue(ctx context.Context, row *ent.Integration, r *ent.Reconciliation, one PulledOrder, msg Message) error {
	twice, err := s.known(ctx, row.ID, msg.Key, "", webhookreceipt.StatusRECEIVED)
	if err != nil || twice {
		return err
	}
	d := delivery{row: row, provider: s.providers[string(row.Provider)], raw: one.Raw, size: len(one.Raw), envelope: Envelope{Topic: one.Topic, DeliveryID: r.ID}}
	if _, err := s.put(ctx, d, msg.Key, msg.OrderID, verdict{status: webhookreceipt.StatusRECEIVED}); err != nil {
		return err
	}
	s.nudge()
	return nil
}
