package server

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics is the process's own registry. Every label comes from a short list in
// the program: routes, statuses, kinds of errand; never from a request.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	errands  *prometheus.CounterVec
	unsigned prometheus.Counter
}

// latency buckets, in seconds, from a redirect to a request's deadline.
var latency = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 15}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tributary_http_requests_total", Help: "Requests answered, by route and status; redirects are counted apart."}, []string{"route", "status"}),
		seconds:  prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "tributary_http_request_seconds", Help: "Time from a request's headers to the end of its answer; streams included.", Buckets: latency}, []string{"route"}),
		errands:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tributary_errands_total", Help: "Recurring errands done, by kind and outcome."}, []string{"kind", "outcome"}),
		unsigned: prometheus.NewCounter(prometheus.CounterOpts{Name: "tributary_webhook_signature_refusals_total", Help: "Webhooks refused because their signature was wrong."}),
	}
	m.registry.MustRegister(m.requests, m.seconds, m.errands, m.unsigned,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) request(route string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
}

func (m *metrics) errand(kind string, _ time.Duration, err error) {
	outcome := "done"
	if err != nil {
		outcome = "failed"
	}
	m.errands.WithLabelValues(kind, outcome).Inc()
}

// refusals counts webhooks that were turned away unproven. The number per
// integration stands with the integration: as a label it would grow with them.
func (m *metrics) refusals(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &recorder{ResponseWriter: w}
		next.ServeHTTP(rec, r)
		if rec.answered() == http.StatusUnauthorized {
			m.unsigned.Inc()
		}
	})
}

// page serves the registry as Prometheus reads it.
func (m *metrics) page() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry, MaxRequestsInFlight: 4, Timeout: 10 * time.Second})
}
