package notification

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/signet-iam/signet/notification/channel"
)

// Metrics counts what becomes of messages. Its labels name channels, providers and outcomes, never people.
type Metrics struct {
	outcomes *prometheus.CounterVec
	latency  *prometheus.HistogramVec
}

// NewMetrics registers the notifier's metrics.
func NewMetrics(registry prometheus.Registerer) (*Metrics, error) {
	m := &Metrics{
		outcomes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "signet_notification_outcomes_total",
			Help: "Outcomes of attempts (sent, refused, unavailable, uncertain) and of messages given up (abandoned).",
		}, []string{"channel", "provider", "outcome"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "signet_notification_delay_seconds",
			Help:    "Time from the event that asked for a message until a provider took it.",
			Buckets: []float64{.025, .05, .1, .25, .5, 1, 2.5, 5, 15, 60, 300, 1800},
		}, []string{"channel"}),
	}
	for _, c := range []prometheus.Collector{m.outcomes, m.latency} {
		if err := registry.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// count does nothing on nil: metrics are optional.
func (m *Metrics) count(ch channel.Channel, provider, outcome string) {
	if m != nil {
		m.outcomes.WithLabelValues(string(ch), provider, outcome).Inc()
	}
}

func (m *Metrics) delay(ch channel.Channel, d time.Duration) {
	if m != nil {
		m.latency.WithLabelValues(string(ch)).Observe(d.Seconds())
	}
}
