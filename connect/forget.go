package connect

import (
	"context"
	"time"
)

// bodiesFor is how long the body of a message is kept: long enough to see what a
// shop really said, and for a parked refund to be given up.
const bodiesFor = 30 * 24 * time.Hour

const forgetPage = 200

// ForgetBodies deletes the bodies of messages of all merchants that are older than
// thirty days. The receipts stay: a message that comes again is still a duplicate.
// A parked message keeps its body for as long as it waits.
func (s *Service) ForgetBodies(ctx context.Context) (forgotten int, err error) {
	before := s.store.Now().Add(-bodiesFor)
	for after, n := "", forgetPage; n == forgetPage; {
		if after, n, err = s.store.ForgetBodies(ctx, before, after, forgetPage); err != nil {
			return forgotten, err
		}
		forgotten += n
	}
	return forgotten, nil
}
