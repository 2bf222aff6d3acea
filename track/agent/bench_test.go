package agent

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// BenchmarkHuman reports the mean and the 99th percentile over the browsers
// list; a click may pay 10 µs.
func BenchmarkHuman(b *testing.B) {
	c, list := classifier(b), agents(b, "browsers.txt")
	took := make([]time.Duration, 0, 1<<20)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		c.Classify(Request{Method: "GET", UserAgent: list[i%len(list)], SecPurpose: "navigate"})
		if len(took) < cap(took) {
			took = append(took, time.Since(start))
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds()), "p99-ns")
}

func BenchmarkListedBot(b *testing.B) {
	c, list := classifier(b), agents(b, "instances.txt")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		c.Classify(Request{Method: "GET", UserAgent: list[i%len(list)]})
	}
}

// BenchmarkHostile is the worst a client can ask for: many false alarms.
func BenchmarkHostile(b *testing.B) {
	c := classifier(b)
	agent := strings.Repeat("ot/ot;ot)get rawlpider", 60)
	for b.Loop() {
		c.Classify(Request{Method: "GET", UserAgent: agent})
	}
}

// BenchmarkLoop is what the index replaces.
func BenchmarkLoop(b *testing.B) {
	c, list := classifier(b), agents(b, "browsers.txt")
	for i := 0; b.Loop(); i++ {
		byLoop(c.rules, list[i%len(list)])
	}
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		classifier(b)
	}
}
