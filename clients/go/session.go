package tributary

import (
	"context"
	"sync"
	"time"
)

// early is how long before a token ends its successor is fetched.
const early = 30 * time.Second

// Session is a person who is logged in; it may be shared.
type Session struct {
	client          *Client
	mu              sync.Mutex // a refresh token works once: who asks meanwhile waits for the same
	access, refresh string
	ends            time.Time
}

// SignIn logs a person in. Errors: *Error with UNAUTHENTICATED for a wrong password,
// with FORBIDDEN for who has a second factor; *Refused.
func SignIn(ctx context.Context, url string, who LogInInput) (*Session, error) {
	s := &Session{client: New(Config{URL: url})}
	res, err := LogIn(ctx, s.client, who)
	if err != nil {
		return nil, err
	}
	got := res.LogIn
	return s, s.take(got.AccessToken, got.RefreshToken, got.ExpiresAt)
}

// Token gives what Config takes as token, and refreshes the session when it is time.
func (s *Session) Token(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Until(s.ends) > early {
		return s.access, nil
	}
	res, err := SessionRefresh(ctx, s.client, SessionRefreshInput{RefreshToken: s.refresh})
	if err != nil {
		return "", err
	}
	got := res.SessionRefresh
	err = s.take(got.AccessToken, got.RefreshToken, got.ExpiresAt)
	return s.access, err
}

func (s *Session) take(access, refresh *string, ends *time.Time) error {
	if access == nil || refresh == nil || ends == nil {
		return &Error{Code: "FORBIDDEN", Message: "a second factor is asked for"}
	}
	s.access, s.refresh, s.ends = *access, *refresh, *ends
	return nil
}
