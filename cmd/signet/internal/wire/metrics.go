package wire

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/signet-iam/signet/projection"
)

// projectionMetrics reads how the projections stand whenever somebody asks for the metrics.
type projectionMetrics struct {
	operator *projection.Operator
	lag      *prometheus.Desc
	parked   *prometheus.Desc
}

func newProjectionMetrics(operator *projection.Operator) *projectionMetrics {
	label := []string{"projection"}
	return &projectionMetrics{
		operator: operator,
		lag:      prometheus.NewDesc("signet_projection_lag_positions", "Distance of a read model to the head of the log.", label, nil),
		parked:   prometheus.NewDesc("signet_projection_parked_streams", "Streams that wait for an operator.", label, nil),
	}
}

// Describe lists the metrics.
func (m *projectionMetrics) Describe(out chan<- *prometheus.Desc) {
	out <- m.lag
	out <- m.parked
}

// Collect reads them.
func (m *projectionMetrics) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	list, err := m.operator.Status(ctx)
	if err != nil {
		out <- prometheus.NewInvalidMetric(m.lag, err)
		return
	}
	for _, s := range list {
		out <- prometheus.MustNewConstMetric(m.lag, prometheus.GaugeValue, float64(s.Lag()), s.Name)
		out <- prometheus.MustNewConstMetric(m.parked, prometheus.GaugeValue, float64(len(s.Parked)), s.Name)
	}
}
