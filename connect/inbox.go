package connect

import (
	"context"
	"sync"
	"time"

	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/store"
)

const (
	// storedAtOnce is how many messages one transaction stores.
	storedAtOnce = 256
	// storePatience is how long storing may take: longer than who sends waits.
	storePatience = 10 * time.Second
)

// inbox gathers messages that arrive while others are being stored, and stores them
// together: each costs the disk a fraction of a wait.
type inbox struct {
	mu      sync.Mutex
	waiting []*arrival
	storing bool
}

type arrival struct {
	receipt store.NewReceipt
	stored  chan error
}

// put stores the receipt of a proven message. Without an error it is stored for
// good; with one it may be: who sends it again is told that it is a copy.
func (s *Service) put(ctx context.Context, d delivery, key, subject string, v verdict) (string, error) {
	a, err := s.arrived(d, key, subject, v)
	if err != nil {
		return "", err
	}
	return a.receipt.ID, s.putAll(ctx, a)
}

// arrived makes the receipt of a proven message.
func (s *Service) arrived(d delivery, key, subject string, v verdict) (*arrival, error) {
	now := s.store.Now()
	receiptID := id.New(id.Receipt, now)
	body, err := s.sealBody(d.row.MerchantID, receiptID, v.status, d.raw)
	return &arrival{stored: make(chan error, 1), receipt: store.NewReceipt{
		ID: receiptID, MerchantID: d.row.MerchantID, IntegrationID: d.row.ID, At: now, Key: key, Subject: clean(subject, maxSubject),
		Topic: clean(d.envelope.Topic, maxTopic), DeliveryID: clean(d.envelope.DeliveryID, maxDelivery), EventID: clean(d.envelope.EventID, maxDelivery),
		Status: string(v.status), Reason: clean(v.reason, maxReason), Size: d.size, Body: body,
	}}, err
}

// putAll stores messages. Without an error all of them are stored.
func (s *Service) putAll(ctx context.Context, all ...*arrival) error {
	for _, a := range all {
		if s.inbox.add(a) {
			go s.empty(context.WithoutCancel(ctx))
		}
	}
	for _, a := range all {
		select {
		case err := <-a.stored:
			if err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// add lets a message wait, and reports whether nobody is storing yet.
func (b *inbox) add(a *arrival) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting = append(b.waiting, a)
	first := !b.storing
	b.storing = true
	return first
}

// next takes what waits; nobody is storing when it is nothing.
func (b *inbox) next() []*arrival {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := min(len(b.waiting), storedAtOnce)
	group := b.waiting[:n:n]
	b.waiting, b.storing = b.waiting[n:], n > 0
	return group
}

// empty stores until nothing waits.
func (s *Service) empty(ctx context.Context) {
	for group := s.inbox.next(); len(group) > 0; group = s.inbox.next() {
		if err := s.storeAll(ctx, group); err == nil || len(group) == 1 {
			tell(group, err)
			continue
		}
		for i := range group { // one that cannot be stored must not take the others with it
			tell(group[i:i+1], s.storeAll(ctx, group[i:i+1]))
		}
	}
}

func tell(group []*arrival, err error) {
	for _, a := range group {
		a.stored <- err
	}
}

func (s *Service) storeAll(ctx context.Context, group []*arrival) error {
	ctx, cancel := context.WithTimeout(ctx, storePatience)
	defer cancel()
	receipts := make([]store.NewReceipt, len(group))
	for i, a := range group {
		receipts[i] = a.receipt
	}
	return s.store.DoorReceive(ctx, receipts)
}
