package order

import "time"

// Limits of a message. Text is measured in bytes of UTF-8. Whoever maps a source
// with longer prose cuts it first; ids and codes are never cut.
const (
	MaxLines   = 1000
	MaxCoupons = 20
	MaxSubIDs  = 10

	MaxID      = 128
	MaxScope   = 64
	MaxNumber  = 64
	MaxTitle   = 300
	MaxReason  = 300
	MaxCoupon  = 64
	MaxEmail   = 320
	MaxName    = 256
	MaxPhone   = 64
	MaxToken   = 128
	MaxSubID   = 255
	MaxChannel = 64
	maxSource  = 32
	maxSubName = 32
	maxFaults  = 100 // enough to mend a message by; the rest would only cost memory

	// MaxAmount is the largest amount in minor units. A thousand lines of it stay
	// below 2^63, so sums need no check of their own.
	MaxAmount   = 1_000_000_000_000_000
	MaxQuantity = 1_000_000_000

	MaxAhead = 5 * time.Minute      // how far a claimed instant may lie in the future
	MaxAge   = 400 * 24 * time.Hour // and in the past
)
