package server

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// tracing sends spans of requests and errands to a collector. A nil tracing
// makes none and costs nothing.
//
// The spans are our own rather than an instrumentation library's: those note
// addresses and user agents of clients, which may not leave the house.
type tracing struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
	parent   propagation.TraceContext
}

// newTracing is nil without an endpoint.
func newTracing(ctx context.Context, endpoint, version string) (*tracing, error) {
	if endpoint == "" {
		return nil, nil
	}
	at, err := url.JoinPath(endpoint, "v1", "traces")
	if err != nil {
		return nil, fmt.Errorf("--otlp-endpoint: %w", err)
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(at))
	if err != nil {
		return nil, fmt.Errorf("traces: %w", err)
	}
	provider := sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithResource(resource.NewSchemaless(
		attribute.String("service.name", "tributary"), attribute.String("service.version", version),
	)))
	return &tracing{provider: provider, tracer: provider.Tracer("tributary")}, nil
}

// close sends what is left.
func (t *tracing) close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}

// spanned makes one span of each request, under the caller's when it names one.
func (t *tracing) spanned(next http.Handler) http.Handler {
	if t == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := t.parent.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		ctx, span := t.tracer.Start(ctx, methodOf(r), trace.WithSpanKind(trace.SpanKindServer))
		defer span.End()
		next.ServeHTTP(w, r.WithContext(ctx))
		e := entryOf(ctx)
		span.SetName(methodOf(r) + " " + e.route)
		span.SetAttributes(attribute.String("http.request.method", methodOf(r)), attribute.String("http.route", e.route), attribute.String("tributary.request_id", e.requestID))
		if rec, ok := w.(*recorder); ok {
			span.SetAttributes(attribute.Int("http.response.status_code", rec.answered()))
			if rec.answered() >= http.StatusInternalServerError {
				span.SetStatus(codes.Error, "")
			}
		}
	})
}

// errand makes one span of a recurring errand.
func (t *tracing) errand(kind string, do func(context.Context) error) func(context.Context) error {
	if t == nil {
		return do
	}
	return func(ctx context.Context) error {
		ctx, span := t.tracer.Start(ctx, "errand "+kind)
		defer span.End()
		err := do(ctx)
		if err != nil {
			span.SetStatus(codes.Error, "")
		}
		return err
	}
}
