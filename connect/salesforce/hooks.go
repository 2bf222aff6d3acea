package salesforce

import (
	"errors"
	"net/http"
	"time"

	"github.com/tributary/tributary/connect"
)

// errUnsent refuses whatever is posted: Salesforce signs no webhooks.
var errUnsent = errors.New("salesforce: it sends no webhooks")

// Limit is the size of the largest body that is read before it is refused, in bytes.
func (Provider) Limit() int64 { return 1 << 10 }

// Envelope of nothing.
func (Provider) Envelope(http.Header) connect.Envelope { return connect.Envelope{} }

// Verify proves nothing.
func (Provider) Verify(http.Header, []byte, [][]byte, time.Time) error { return errUnsent }
