package report

import (
	"time"

	"github.com/tributary/tributary/trust"
)

// QueryOf is the statement that a report runs.
func QueryOf(v trust.Viewer, in Input, postgres bool) (string, []any, error) {
	d, err := parseDays(in.From, in.To, in.TimeZone)
	if err != nil {
		return "", nil, err
	}
	bounds, err := d.bounds(in.Granularity)
	if err != nil {
		return "", nil, err
	}
	text, args := in.query(v, in.spans(bounds, longer(time.UTC)), postgres)
	return text, args, nil
}
