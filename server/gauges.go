package server

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tributary/tributary/internal/bus"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track"
)

// gauges reads, when Prometheus asks, what the rooms and engines count by
// themselves. What cannot be read now is left out rather than told as zero.
type gauges struct {
	store     *store.Store
	bus       *bus.Bus
	track     *track.Service
	traffic   *traffic
	porter    *porter
	followers []string
}

// scrapeTime bounds the queries of one scrape.
const scrapeTime = 2 * time.Second

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("tributary_"+name, help, labels, nil)
}

var (
	descRedirects = desc("redirects_total", "Visitors on links, by outcome; unrecorded ones were sent on although the stream refused their click.", "outcome")
	descLinks     = desc("links", "Links in memory.")
	descLookups   = desc("link_lookups_total", "Look-ups of addresses that were not in memory.")
	descClicks    = desc("clicks_total", "Click records written as rows, or parked because they can never be.", "outcome")
	descAppended  = desc("stream_appended_total", "Records made durable in the click stream.")
	descRefused   = desc("stream_refused_total", "Records the click stream refused, by reason.", "reason")
	descRecycles  = desc("stream_recycles_total", "Restarts of the embedded stream.")
	descBacklog   = desc("stream_backlog_messages", "Messages that wait to be stored, each up to 256 records.")
	descBytes     = desc("stream_backlog_bytes", "Bytes of messages that wait to be stored.")
	descLag       = desc("stream_lag_seconds", "Age of the oldest message that waits to be stored.")
	descHead      = desc("journal_head", "Last place in the order of events.")
	descUnplaced  = desc("journal_unplaced", "Committed events that have no place yet.")
	descFollower  = desc("follower_lag_events", "Places between a follower and the journal's head.", "follower")
	descConns     = desc("database_connections", "Connections of the writing pool, by state.", "state")
	descWaits     = desc("database_waits_total", "Times somebody waited for a connection of the writing pool.")
	descWaitTime  = desc("database_wait_seconds_total", "Time spent waiting for a connection of the writing pool.")
	descShed      = desc("shed_total", "Requests turned away because there was too much to do, by class.", "class")
	descUnderWay  = desc("http_under_way", "What is being served now.", "kind")
)

// Describe sends nothing: the collector is unchecked, as it leaves out what it
// cannot read.
func (g *gauges) Describe(chan<- *prometheus.Desc) {}

// Collect reads everything once.
func (g *gauges) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	g.links(out)
	g.stream(ctx, out)
	g.journal(ctx, out)
	g.database(out)
	gauge(out, descUnderWay, float64(g.traffic.requests.Load()), "requests")
	gauge(out, descUnderWay, float64(g.traffic.streams.Load()), "streams")
	for c := range classes {
		count(out, descShed, g.porter.shed[c].Load(), c.String())
	}
}

func (g *gauges) links(out chan<- prometheus.Metric) {
	s := g.track.Stats()
	count(out, descRedirects, s.Redirects-s.Fallbacks, "destination")
	count(out, descRedirects, s.Fallbacks, "fallback")
	count(out, descRedirects, s.Unrecorded, "unrecorded")
	count(out, descRedirects, s.Unknown, "unknown")
	count(out, descRedirects, s.Away, "away")
	count(out, descLookups, s.Lookups)
	gauge(out, descLinks, float64(s.Links))
	count(out, descClicks, s.Stored, "stored")
	count(out, descClicks, s.Parked, "parked")
}

func (g *gauges) stream(ctx context.Context, out chan<- prometheus.Metric) {
	s := g.bus.Stats()
	count(out, descAppended, s.Appended)
	count(out, descRecycles, s.Recycles)
	for reason, n := range s.Refused {
		count(out, descRefused, n, reason.String())
	}
	log, err := g.bus.Pending(ctx)
	if err != nil {
		return
	}
	gauge(out, descBacklog, float64(log.Messages))
	gauge(out, descBytes, float64(log.Bytes))
	gauge(out, descLag, log.Lag.Seconds())
}

func (g *gauges) journal(ctx context.Context, out chan<- prometheus.Metric) {
	head, err := g.store.Head(ctx)
	if err != nil {
		return
	}
	gauge(out, descHead, float64(head))
	if n, err := g.store.Lag(ctx); err == nil {
		gauge(out, descUnplaced, float64(n))
	}
	for _, name := range g.followers {
		if at, err := g.store.Cursor(ctx, name); err == nil {
			gauge(out, descFollower, float64(max(0, head-at)), name)
		}
	}
}

func (g *gauges) database(out chan<- prometheus.Metric) {
	s := g.store.PoolStats()
	gauge(out, descConns, float64(s.InUse), "in_use")
	gauge(out, descConns, float64(s.Idle), "idle")
	count(out, descWaits, uint64(s.WaitCount))
	out <- prometheus.MustNewConstMetric(descWaitTime, prometheus.CounterValue, s.WaitDuration.Seconds())
}

func gauge(out chan<- prometheus.Metric, d *prometheus.Desc, v float64, labels ...string) {
	out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}

func count(out chan<- prometheus.Metric, d *prometheus.Desc, n uint64, labels ...string) {
	out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
}
