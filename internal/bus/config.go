package bus

import (
	"errors"
	"log/slog"
	"time"
)

const (
	minStreamBytes     = 1 << 20  // below this a stream could not hold a handful of full messages
	clusterStreamBytes = 4 << 30  // default for a cluster, whose disks we cannot see
	defaultMinFree     = 64 << 20 // JetStream must never meet ENOSPC itself

	// DefaultBatch is how many messages a handler is given at once unless told otherwise.
	DefaultBatch = 64
)

// Config says where the bus lives and how patient it is. Only Dir or URL is required.
type Config struct {
	Dir  string // folder of the embedded stream, created 0700; unused with URL
	URL  string // nats:// or tls:// addresses of a JetStream cluster, comma-separated; "" runs it in this process
	Name string // prefix of stream and subjects, so that deployments can share a cluster; default "tributary"

	MaxBytes int64 // most bytes of unconsumed messages; 0 = half of the disk space open to the stream (cluster: 4 GiB)
	MinFree  int64 // appends are refused below this many free bytes; 0 = 64 MiB; embedded only
	Replicas int   // copies of a stream that this call creates in a cluster; 0 = 3 in a cluster, 1 on a single server

	Deadline     time.Duration // longest wait of one Append; 0 = 250 ms
	AckWait      time.Duration // a delivered message nobody answers for is delivered again after this; 0 = 10 s
	RetryDelay   time.Duration // pause after a failed handler, doubled up to 32 times that; 0 = 100 ms
	BatchSize    int           // most messages handed to a handler at once, each ≤ 256 records; 0 = DefaultBatch
	WatchEvery   time.Duration // how often free space and health are looked at; 0 = 100 ms
	RecycleAfter time.Duration // publishes failing for so long restart the embedded server; 0 = 5 s

	Log       *slog.Logger                           // nil = silent; the server's own log goes to level debug
	Clock     func() time.Time                       // nil = time.Now; only dates failures, never a deadline
	FreeBytes func(dir string) (free int64, _ error) // nil = statfs
	OnRecycle func(err error)                        // called after each restart of the embedded server; nil error = running again
}

func (c Config) embedded() bool { return c.URL == "" }

func (c Config) stream() string  { return c.Name + "-clicks" }
func (c Config) subject() string { return c.Name + ".clicks" }

// withDefaults fills every zero value, or says what is missing.
func (c Config) withDefaults() (Config, error) {
	if c.Dir == "" && c.embedded() {
		return c, errors.New("bus: neither a folder nor a URL is configured")
	}
	orElse(&c.Name, "tributary")
	orElse(&c.MinFree, int64(defaultMinFree))
	orElse(&c.Deadline, 250*time.Millisecond)
	orElse(&c.AckWait, 10*time.Second)
	orElse(&c.RetryDelay, 100*time.Millisecond)
	orElse(&c.BatchSize, DefaultBatch)
	orElse(&c.WatchEvery, 100*time.Millisecond)
	orElse(&c.RecycleAfter, 5*time.Second)
	orElse(&c.Log, slog.New(slog.DiscardHandler))
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.FreeBytes == nil {
		c.FreeBytes = freeBytes
	}
	if c.OnRecycle == nil {
		c.OnRecycle = func(error) {}
	}
	return c, nil
}

func orElse[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
}
