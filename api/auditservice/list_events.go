package auditservice

import (
	"context"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/signet-iam/signet/api/call"
	auditv1 "github.com/signet-iam/signet/api/gen/signet/audit/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/query/audit"
)

// Service implements the change history.
type Service struct {
	events *audit.Queries
}

// New returns the service on top of the queries.
func New(events *audit.Queries) *Service { return &Service{events: events} }

// ListEvents returns a page of recorded changes.
func (s *Service) ListEvents(ctx context.Context, r *auditv1.ListEventsRequest) (*auditv1.ListEventsResponse, error) {
	page, err := s.events.ListEvents(ctx, call.From(ctx).Caller, audit.Request{
		StreamKind: r.GetStreamKind(),
		StreamID:   r.GetStreamId(),
		Actor:      r.GetActorId(),
		Types:      r.GetType(),
		Since:      moment(r.GetSince()),
		Until:      moment(r.GetUntil()),
		After:      eventstore.Position(r.GetAfterPosition()),
		Before:     eventstore.Position(r.GetBeforePosition()),
		Ascending:  r.GetAsc(),
		PageSize:   int(r.GetPageSize()),
		PageToken:  r.GetPageToken(),
	})
	if err != nil {
		return nil, err
	}
	answer := &auditv1.ListEventsResponse{NextPageToken: page.NextToken, Events: make([]*auditv1.Event, len(page.Events))}
	for i := range page.Events {
		answer.Events[i] = Message(&page.Events[i])
		call.From(ctx).Reflect(page.Events[i].Position)
	}
	return answer, nil
}

// Message returns an event in the form of the API.
func Message(e *audit.Event) *auditv1.Event {
	out := &auditv1.Event{
		Position:        int64(e.Position),
		Id:              e.ID.String(),
		Tenant:          e.Stream.Tenant,
		StreamKind:      e.Stream.Kind,
		StreamId:        e.Stream.ID,
		Version:         e.Version,
		Type:            e.Type,
		ActorId:         e.Actor,
		CorrelationId:   e.Correlation,
		RecordedAt:      timestamppb.New(e.RecordedAt),
		OrganizationId:  e.Organization,
		Payload:         e.Payload,
		PersonalVisible: e.PersonalVisible,
		Erased:          e.Erased,
		ClientIp:        e.ClientIP,
		ClientAgent:     e.ClientAgent,
	}
	if e.Cause != uuid.Nil {
		out.CauseId = e.Cause.String()
	}
	return out
}

// moment is the zero time where the message says nothing: no bound.
func moment(t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.AsTime()
}
