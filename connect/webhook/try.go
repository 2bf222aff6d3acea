package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/tributary/tributary/internal/egress"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/store"
)

// What becomes of a delivery.
const (
	delivered = "DELIVERED"
	failed    = "FAILED"
	pending   = "PENDING"
)

// answerKept is how much of an answer is kept.
const answerKept = 1 << 10

// try sends a delivery once.
func (s *Service) try(ctx context.Context, d store.ClaimedDelivery) store.SettledDelivery {
	begun := s.store.Now()
	out := store.SettledDelivery{ClaimedDelivery: d, At: begun, Attempt: id.New(id.Attempt, begun)}
	answer, err := s.post(ctx, d, begun)
	out.Duration = s.store.Now().Sub(begun)
	out.Undone = err != nil && ctx.Err() != nil
	s.judge(&out, answer, err)
	if body := answer.Body[:min(len(answer.Body), answerKept)]; len(body) > 0 {
		out.Answer, _ = s.store.Keys().Seal(body, answerPlace(d.Endpoint.MerchantID, out.Attempt)) // the place is complete
	}
	return out
}

// judge says what became of a try.
func (s *Service) judge(out *store.SettledDelivery, answer egress.Answer, err error) {
	out.HTTP, out.Error = answer.Status, fault(answer.Status, err)
	now := s.store.Now()
	asked := retryAfter(answer.Header, now)
	pause, more := pauseAfter(out.Try, jitter())
	switch {
	case out.Error == "":
		out.Status = delivered
	case answer.Status == http.StatusGone || !more:
		out.Status = failed
	default:
		out.Status, out.NextAt = pending, now.Add(max(pause, asked))
	}
	if asked > 0 && (answer.Status == http.StatusTooManyRequests || answer.Status == http.StatusServiceUnavailable) {
		out.PauseTo = now.Add(asked)
	}
}

// post calls the endpoint.
func (s *Service) post(ctx context.Context, d store.ClaimedDelivery, at time.Time) (egress.Answer, error) {
	keys := s.store.Keys()
	e := d.Endpoint
	to, err := keys.Open(e.URLSealed, endpointPlace(e.MerchantID, e.ID, columnURL))
	if err != nil {
		return egress.Answer{}, err
	}
	secrets, err := s.secrets(e, at)
	if err != nil {
		return egress.Answer{}, err
	}
	body := message(d)
	r, err := http.NewRequestWithContext(ctx, method, string(to), bytes.NewReader(body))
	if err != nil {
		return egress.Answer{}, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Tributary-Webhooks/1")
	r.Header.Set(HeaderID, d.ID)
	r.Header.Set(HeaderTimestamp, strconv.FormatInt(at.Unix(), 10))
	r.Header.Set(HeaderSignature, Sign(secrets, d.ID, at, body))
	return s.client.Do(ctx, r)
}

// secrets are what a message is signed with, the newest first.
func (s *Service) secrets(e *store.ClaimedEndpoint, at time.Time) ([][]byte, error) {
	now, err := s.store.Keys().Open(e.SecretSealed, endpointPlace(e.MerchantID, e.ID, columnSecret))
	if err != nil || e.PriorUntil == nil || !at.Before(*e.PriorUntil) {
		return [][]byte{now}, err
	}
	prior, err := s.store.Keys().Open(e.PriorSealed, endpointPlace(e.MerchantID, e.ID, columnPrior))
	return [][]byte{now, prior}, err
}

// fault says why a try failed, "" when it did not, in words that hold nothing of the
// address: an address may be a secret, and net/http puts it into its errors.
func fault(status int, err error) string {
	var timeout net.Error
	var name *net.DNSError
	var untrusted *tls.CertificateVerificationError
	switch {
	case err == nil && status >= 200 && status < 300:
		return ""
	case err == nil && status >= 300 && status < 400:
		return "answered " + strconv.Itoa(status) + ": redirects are not followed"
	case err == nil:
		return "answered " + strconv.Itoa(status)
	case errors.Is(err, egress.ErrRefused) || errors.As(err, &name):
		return "the name leads to no address on the public internet" // one sentence: two would tell which names there are inside
	case errors.As(err, &untrusted) || errors.As(err, &x509.UnknownAuthorityError{}):
		return "the certificate is not trusted"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection was refused"
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	}
	return "the connection broke"
}
