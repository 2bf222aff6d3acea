package server

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"
)

// Config is everything the process can be told. Each field is a flag of `serve`
// and an environment variable; the tags name both.
type Config struct {
	Place  `embed:""`
	Limits `embed:""`

	// Addr is where to listen. Port 0 takes a free one; see Program.Addr.
	Addr string `env:"TRIBUTARY_ADDR" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address to listen on."`
	// NATSURL names a JetStream cluster; empty runs the click stream in this process.
	NATSURL string `name:"nats-url" env:"TRIBUTARY_NATS_URL" placeholder:"URL" help:"JetStream cluster for the click stream; empty keeps it in this process."`
	// PublicURL is where visitors and shops reach the server; http:// and Addr when empty.
	PublicURL string `name:"public-url" env:"TRIBUTARY_PUBLIC_URL" placeholder:"URL" help:"Address under which the world reaches the server."`
	// TLSCert and TLSKey are files in PEM form; both are read again when they change.
	TLSCert string `name:"tls-cert" env:"TRIBUTARY_TLS_CERT" placeholder:"FILE" help:"Certificate chain in PEM form; serves https."`
	TLSKey  string `name:"tls-key" env:"TRIBUTARY_TLS_KEY" placeholder:"FILE" help:"Key of the certificate."`
	// Room is how many requests may be worked on at once; what waits longer than
	// it should beyond that is answered with 503. Redirects do not count.
	Room int `env:"TRIBUTARY_ROOM" default:"128" placeholder:"N" help:"Requests worked on at once; more of them wait shortly, and are then told to come back."`
	// CORSOrigins are the origins whose pages may call the API from a browser,
	// beside our own. No wildcards. The pages of publishable keys need not be here.
	CORSOrigins []string `name:"cors-origins" env:"TRIBUTARY_CORS_ORIGINS" placeholder:"ORIGIN" help:"Origins whose pages may call the API, such as https://app.example.com."`
	// TrustedProxies are the addresses and networks whose X-Forwarded-For is believed.
	TrustedProxies []string `name:"trusted-proxies" env:"TRIBUTARY_TRUSTED_PROXIES" placeholder:"CIDR" help:"Proxies whose X-Forwarded-For is believed."`
	// Introspection lets clients ask for the schema, by query and at /schema.graphql.
	Introspection bool `env:"TRIBUTARY_INTROSPECTION" default:"true" negatable:"" help:"Let clients read the schema."`
	// Explorer serves GraphiQL at /explorer.
	Explorer bool `env:"TRIBUTARY_EXPLORER" default:"true" negatable:"" help:"Serve the API explorer."`
	// ShopBase is where all shops are called, in the place of their own hosts, for development.
	ShopBase string `name:"shop-base" env:"TRIBUTARY_SHOP_BASE" help:"Call connected shops at this address in the place of their own, also on this machine; for development."`
	// HubSpotBase is where HubSpot is called, in the place of its own hosts, for development.
	HubSpotBase string `name:"hubspot-base" env:"TRIBUTARY_HUBSPOT_BASE" help:"Call HubSpot at this address in the place of its own, also on this machine; for development."`
	// SalesforceBase is where Salesforce gives sessions, in the place of the orgs' own hosts, for development.
	SalesforceBase string `name:"salesforce-base" env:"TRIBUTARY_SALESFORCE_BASE" help:"Get sessions of Salesforce at this address in the place of its own, also on this machine; for development."`
	// WebhookLoopback lets endpoints be on this machine, for development.
	WebhookLoopback bool `name:"webhook-loopback" env:"TRIBUTARY_WEBHOOK_LOOPBACK" help:"Let webhook endpoints be on this machine, over http too; for development."`
	// CostMaximum is how many points each token, session or unknown address may
	// spend at once, and CostRestore how many come back each second; 0 never
	// refuses.
	CostMaximum int `env:"TRIBUTARY_COST_MAXIMUM" default:"10000" placeholder:"POINTS" help:"Points a token, session or address may spend at once; 0 never refuses."`
	CostRestore int `env:"TRIBUTARY_COST_RESTORE" default:"1000" placeholder:"POINTS" help:"Points that come back each second."`
	// OTLPEndpoint receives traces; empty makes none.
	OTLPEndpoint string `name:"otlp-endpoint" env:"OTEL_EXPORTER_OTLP_ENDPOINT" placeholder:"URL" help:"OpenTelemetry collector (OTLP over HTTP); empty sends no traces."`
	// OpenSignUp says whether strangers may sign up as merchants.
	OpenSignUp string `env:"TRIBUTARY_OPEN_SIGN_UP" default:"auto" enum:"auto,yes,no" help:"Whether anybody may sign up as a merchant: yes, no, or auto, which is yes on this machine alone."`
	Post       `embed:""`
	// Drain is how long the server goes on answering after /readyz has flipped, so
	// that balancers and open connections move on; Patience bounds the whole end.
	Drain    time.Duration `env:"TRIBUTARY_DRAIN" default:"500ms" help:"How long to go on answering after /readyz has flipped."`
	Patience time.Duration `kong:"-"`
	// LogLevel is the least that is logged.
	LogLevel slog.Level `env:"TRIBUTARY_LOG_LEVEL" default:"INFO" placeholder:"LEVEL" help:"Least that is logged: DEBUG, INFO, WARN or ERROR."`

	Log     *slog.Logger     `kong:"-"` // JSON on standard error when nil
	Clock   func() time.Time `kong:"-"` // time.Now when nil
	Version string           `kong:"-"` // of the build, for log and traces
}

const (
	leastCostMaximum = 2000 // a document may cost half of it
	defaultAddr      = "127.0.0.1:8080"
	defaultPatience  = 10 * time.Second
	defaultRoom      = 128
)

// WithDefaults fills what is empty. Switches that are on by default are on only
// in the flags: the zero Config serves neither schema nor explorer.
func (c Config) WithDefaults() Config {
	c.Place = c.Place.WithDefaults()
	if c.Addr == "" {
		c.Addr = defaultAddr
	}
	if c.Patience == 0 {
		c.Patience = defaultPatience
	}
	if c.Room == 0 {
		c.Room = defaultRoom
	}
	if c.Log == nil {
		c.Log = slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: c.LogLevel}))
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	return c
}

// validate names every value that cannot be used, by its flag.
func (c Config) validate() error {
	var faults []error
	fault := func(flag, format string, a ...any) {
		faults = append(faults, fmt.Errorf("--%s: %s", flag, fmt.Sprintf(format, a...)))
	}
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		fault("addr", "%q is not HOST:PORT", c.Addr)
	}
	for flag, text := range map[string]string{"public-url": c.PublicURL, "otlp-endpoint": c.OTLPEndpoint} {
		if text != "" && !isBase(text) {
			fault(flag, "%q is not an http or https URL", text)
		}
	}
	for _, text := range c.CORSOrigins {
		if !isOrigin(text) {
			fault("cors-origins", "%q is not an origin such as https://app.example.com", text)
		}
	}
	if _, err := parseProxies(c.TrustedProxies); err != nil {
		fault("trusted-proxies", "%v", err)
	}
	if c.CostMaximum != 0 && (c.CostMaximum < leastCostMaximum || c.CostRestore <= 0) {
		fault("cost-maximum", "must be 0, or at least %d with a --cost-restore above 0", leastCostMaximum)
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		fault("tls-cert", "a certificate and its key go together")
	}
	if c.Room < 4 {
		fault("room", "%d is less than 4", c.Room)
	}
	if c.Drain < 0 || c.Drain >= c.Patience {
		fault("drain", "%v is not between 0 and %v", c.Drain, c.Patience)
	}
	if c.OpenSignUp != "" && c.OpenSignUp != "auto" && c.OpenSignUp != "yes" && c.OpenSignUp != "no" {
		fault("open-sign-up", "%q is none of auto, yes and no", c.OpenSignUp)
	}
	if c.AppURL != "" && !isBase(c.AppURL) {
		fault("app-url", "%q is not an http or https URL", c.AppURL)
	}
	return errors.Join(append(faults, c.Place.validate())...)
}

// isBase reports whether text is an address that paths can be added to.
func isBase(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == ""
}

// isOrigin reports whether text is scheme and host as a browser sends them, and
// holds no character that a matcher could take for a pattern.
func isOrigin(text string) bool {
	u, err := url.Parse(text)
	return err == nil && isBase(text) && u.Path == "" && text == strings.ToLower(text) && !strings.ContainsAny(text, `*?[]\`)
}

// parseProxies reads addresses and networks.
func parseProxies(texts []string) (all []netip.Prefix, err error) {
	for _, text := range texts {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			addr, err := netip.ParseAddr(text)
			if err != nil {
				return nil, fmt.Errorf("%q is neither an address nor a network", text)
			}
			prefix = netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen())
		}
		all = append(all, prefix.Masked())
	}
	return all, nil
}
