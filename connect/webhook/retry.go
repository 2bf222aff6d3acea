package webhook

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// pauses lie between the tries of a delivery. Even if each comes a fifth too early,
// the last try is more than 75 hours after the first.
var pauses = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour, 24 * time.Hour,
}

// maxRetryAfter bounds how long an endpoint may ask to be left alone.
const maxRetryAfter = 24 * time.Hour

// failing is how long an endpoint may fail before it is disabled.
const failing = 5 * 24 * time.Hour

// pauseAfter gives the pause after a number of tries, false when there were enough.
// permille is how much of it is kept: 800 to 1200, drawn for each delivery, so that
// what failed together does not come back together.
func pauseAfter(tries, permille int) (time.Duration, bool) {
	if tries < 1 || tries > len(pauses) {
		return 0, false
	}
	return pauses[tries-1] / 1000 * time.Duration(permille), true
}

func jitter() int { return 800 + rand.IntN(401) } // #nosec G404 -- a pause, not a secret

// retryAfter reads how long an answer asks to be left alone: seconds or a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.ParseInt(text, 10, 32); err == nil {
		return min(max(0, time.Duration(seconds)*time.Second), maxRetryAfter)
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(0, at.Sub(now)), maxRetryAfter)
	}
	return 0
}
