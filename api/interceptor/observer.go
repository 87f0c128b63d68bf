package interceptor

import (
	"context"
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

// NewObserver registers the metrics of requests.
func NewObserver(log zerolog.Logger, metrics prometheus.Registerer) (*Observer, error) {
	o := &Observer{
		log: log,
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "signet_requests_total", Help: "Requests by procedure and status code; those without a valid token by service.",
		}, []string{"procedure", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "signet_request_seconds", Help: "Time from a decoded request to its answer.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5},
		}, []string{"procedure"}),
	}
	for _, c := range []prometheus.Collector{o.requests, o.seconds} {
		if err := metrics.Register(c); err != nil {
			return nil, fmt.Errorf("interceptor: metrics: %w", err)
		}
	}
	return o, nil
}

// Unary is the observer as an interceptor.
func (o *Observer) Unary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (res connect.AnyResponse, err error) {
		start := time.Now()
		procedure := req.Spec().Procedure
		defer func() {
			if p := recover(); p != nil {
				o.log.Error().Str("procedure", procedure).Str("request_id", call.From(ctx).Origin.RequestID).
					Interface("panic", p).Bytes("stack", debug.Stack()).Msg("panic")
				res, err = nil, refuse(errInternal)
			}
			o.count(procedure, err)
			o.seconds.WithLabelValues(procedure).Observe(time.Since(start).Seconds())
		}()
		return next(ctx, req)
	}
}

func (o *Observer) count(procedure string, err error) {
	code := "ok"
	if err != nil {
		code = connect.CodeOf(err).String()
	}
	o.requests.WithLabelValues(procedure, code).Inc()
}
