package interceptor

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"connectrpc.com/connect"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/signet-iam/signet/api/call"
)

// Observer measures requests and turns panics into faults.
type Observer struct {
	log      zerolog.Logger
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

// NewObserver registers the metrics of requests. Observers with one registry count into the same metrics.
func NewObserver(log zerolog.Logger, metrics prometheus.Registerer) (*Observer, error) {
	requests, err := register(metrics, prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "signet_requests_total", Help: "Requests by procedure and status code; those without a valid token by service.",
	}, []string{"procedure", "code"}))
	if err != nil {
		return nil, err
	}
	seconds, err := register(metrics, prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "signet_request_seconds", Help: "Time from a decoded request to its answer.",
		Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5},
	}, []string{"procedure"}))
	if err != nil {
		return nil, err
	}
	return &Observer{log: log, requests: requests, seconds: seconds}, nil
}

// register returns the collector that is registered: this one, or the one that was before.
func register[C prometheus.Collector](metrics prometheus.Registerer, c C) (C, error) {
	err := metrics.Register(c)
	if before, is := errors.AsType[prometheus.AlreadyRegisteredError](err); is {
		if same, is := before.ExistingCollector.(C); is {
			return same, nil
		}
	}
	if err != nil {
		return c, fmt.Errorf("interceptor: metrics: %w", err)
	}
	return c, nil
}

// WrapUnary observes requests with one answer.
func (o *Observer) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (res connect.AnyResponse, err error) {
		start := time.Now()
		defer func() { err = o.observe(ctx, req.Spec().Procedure, start, outcome{err, recover()}) }()
		return next(ctx, req)
	}
}

// WrapStreamingHandler observes requests with many answers.
func (o *Observer) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) (err error) {
		start := time.Now()
		defer func() { err = o.observe(ctx, conn.Spec().Procedure, start, outcome{err, recover()}) }()
		return next(ctx, conn)
	}
}

// WrapStreamingClient does nothing: there are no clients here.
func (o *Observer) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

// outcome is how a request ended.
type outcome struct {
	err   error
	panic any // nil if there was none
}

// observe returns the error that the caller gets: a panic is a fault.
func (o *Observer) observe(ctx context.Context, procedure string, start time.Time, end outcome) error {
	if end.panic != nil {
		o.log.Error().Str("procedure", procedure).Str("request_id", call.From(ctx).Origin.RequestID).
			Interface("panic", end.panic).Bytes("stack", debug.Stack()).Msg("panic")
		end.err = refuse(errInternal)
	}
	o.count(procedure, end.err)
	o.seconds.WithLabelValues(procedure).Observe(time.Since(start).Seconds())
	return end.err
}

func (o *Observer) count(procedure string, err error) {
	code := "ok"
	if err != nil {
		code = connect.CodeOf(err).String()
	}
	o.requests.WithLabelValues(procedure, code).Inc()
}
