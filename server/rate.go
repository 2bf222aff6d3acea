package server

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/tributary/tributary/trust/pace"
)

// Rate is an allowance as people write it: "60000/1m" is sixty thousand at once,
// and as many a minute afterwards; "off" is no limit, as is the zero Rate.
type Rate struct {
	limit  pace.Limit
	policy string // what RateLimit-Policy says of it, behind the name
}

var errRate = errors.New(`must be like 600/1m, or off`)

// UnmarshalText reads a rate.
func (r *Rate) UnmarshalText(text []byte) error {
	if string(text) == "off" {
		*r = Rate{}
		return nil
	}
	count, window, found := strings.Cut(string(text), "/")
	n, wrong := strconv.Atoi(count)
	span, err := time.ParseDuration(window)
	if !found || errors.Join(wrong, err) != nil || n < 1 || span < time.Second || span/time.Duration(n) < 1 {
		return errRate
	}
	*r = rateOf(n, span)
	return nil
}

func rateOf(n int, span time.Duration) Rate {
	return Rate{
		limit:  pace.Limit{Every: span / time.Duration(n), Burst: n},
		policy: ";q=" + strconv.Itoa(n) + ";w=" + strconv.Itoa(int(span.Seconds())),
	}
}

func (r Rate) on() bool { return r.limit.Burst > 0 }

// Limits are how often whom may ask. The zero Limits limit nobody.
type Limits struct {
	Token    Rate `name:"rate-token" env:"TRIBUTARY_RATE_TOKEN" default:"60000/1m" placeholder:"N/TIME" help:"Requests of one API token or person; off for no limit."`
	Merchant Rate `name:"rate-merchant" env:"TRIBUTARY_RATE_MERCHANT" default:"120000/1m" placeholder:"N/TIME" help:"Requests of one merchant's tokens and people together."`
	Key      Rate `name:"rate-key" env:"TRIBUTARY_RATE_KEY" default:"12000/1m" placeholder:"N/TIME" help:"Requests with one publishable key, from all pages together."`
	Page     Rate `name:"rate-page" env:"TRIBUTARY_RATE_PAGE" default:"120/1m" placeholder:"N/TIME" help:"Requests with one publishable key from one address."`
	Address  Rate `name:"rate-address" env:"TRIBUTARY_RATE_ADDRESS" default:"600/1m" placeholder:"N/TIME" help:"Requests without a credential, or with a wrong one, from one address."`
}
