package session

import (
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
)

// Limits of what a session keeps for others.
const (
	maxMetadata      = 100    // entries
	maxMetadataKey   = 200    // characters
	maxMetadataValue = 10_000 // bytes
	maxHeaders       = 100
	maxAgent         = 20_000 // bytes, all fields together
)

func checkMetadata(entries map[string][]byte) error {
	if len(entries) > maxMetadata {
		return ErrMetadataSize
	}
	for key, value := range entries {
		if key == "" || !utf8.ValidString(key) || utf8.RuneCountInString(key) > maxMetadataKey ||
			strings.ContainsFunc(key, unicode.IsControl) || len(value) > maxMetadataValue {
			return ErrMetadata
		}
	}
	return nil
}

// checkLifetime validates how long a session is asked to live; zero is no wish.
func (s *Service) checkLifetime(d time.Duration) error {
	if d < 0 || d > s.life.Longest {
		return ErrLifetime
	}
	return nil
}

// expiry returns when something that lives so long from now on ends. The log keeps microseconds.
func (s *Service) expiry(d time.Duration) *timestamppb.Timestamp {
	return timestamppb.New(s.rt.Now().Add(d).Truncate(time.Microsecond))
}

// event returns the form in which the log keeps a program, nil if nothing is known of it.
func (a *Agent) event() (*eventv1.SessionAgent, error) {
	size := len(a.FingerprintID) + len(a.IP) + len(a.Description)
	valid := utf8.ValidString(a.FingerprintID) && utf8.ValidString(a.IP) && utf8.ValidString(a.Description)
	e := &eventv1.SessionAgent{FingerprintId: a.FingerprintID, Ip: a.IP, Description: a.Description}
	for _, name := range slices.Sorted(maps.Keys(a.Headers)) {
		size += len(name)
		valid = valid && utf8.ValidString(name)
		for _, value := range a.Headers[name] {
			size += 1 + len(value)
			valid = valid && utf8.ValidString(value)
		}
		e.Headers = append(e.Headers, &eventv1.SessionHeader{Name: name, Values: a.Headers[name]})
	}
	switch {
	case !valid || size > maxAgent || len(a.Headers) > maxHeaders:
		return nil, ErrAgent
	case size == 0 && len(a.Headers) == 0:
		return nil, nil
	}
	return e, nil
}
