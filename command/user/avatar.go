package user

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/avatar"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/vault"
)

// unnamedAvatarKept is how long a picture is kept that no event names: much longer than it takes to append the event.
const unnamedAvatarKept = time.Hour

// Avatar is the picture that a user shows of itself. Its bytes lie beside the log, under the id of the event that named it.
type Avatar struct {
	EventID     uuid.UUID
	ContentType string
	SHA256      [sha256.Size]byte
}

func foldAvatar(s *State, msg proto.Message, at command.Recorded) {
	switch e := msg.(type) {
	case *eventv1.UserAvatarSet:
		s.Avatar = &Avatar{EventID: at.ID, ContentType: e.GetContentType()}
		copy(s.Avatar.SHA256[:], e.GetSha256())
	case *eventv1.UserAvatarRemoved:
		s.Avatar = nil
	}
}

// SetAvatar gives a user a picture, in place of the one before.
type SetAvatar struct {
	UserID string
	Data   []byte // see package avatar
}

// SetAvatar stores a picture and then records that it is the user's. When it ends in between, the earlier one stays in place.
func (s *Service) SetAvatar(ctx context.Context, caller *permission.Caller, req SetAvatar) (command.Receipt, error) {
	g, err := s.guard(opSetAvatar, caller, req.UserID)
	if err != nil {
		return command.Receipt{}, err
	}
	picture, err := avatar.Inspect(req.Data)
	if err != nil {
		return command.Receipt{}, err
	}
	put := storing{tenant: caller.Tenant, userID: req.UserID, eventID: s.rt.NewID()}
	receipt, err := s.change(ctx, g, anyUser, func(ctx context.Context, state *State, d *command.Decision) error {
		if put.former = state.Avatar; put.former != nil && put.former.SHA256 == picture.SHA256 {
			return nil
		}
		if err := s.storeAvatar(ctx, &put, picture.Data); err != nil {
			return err
		}
		d.Add(put.eventID, &eventv1.UserAvatarSet{
			ContentType: picture.ContentType, Size: uint32(len(picture.Data)), Sha256: picture.SHA256[:],
		})
		return nil
	})
	if err != nil {
		return command.Receipt{}, err
	}
	drop := eventstore.DropBlobs{Subject: req.UserID, Keep: put.eventID}
	switch {
	case put.former == nil:
	case put.former.SHA256 == picture.SHA256:
		drop.Keep, drop.Former = put.former.EventID, []uuid.UUID{put.eventID}
	default:
		drop.Former = []uuid.UUID{put.former.EventID}
	}
	s.dropAvatars(ctx, caller.Tenant, drop)
	return receipt, nil
}

// storing is a picture on its way beside the log, for the event that is about to name it.
type storing struct {
	tenant, userID string
	eventID        uuid.UUID
	done           bool
	former         *Avatar // which the decision found
}

// storeAvatar seals a picture and stores it, once for all decisions of a command.
func (s *Service) storeAvatar(ctx context.Context, p *storing, data []byte) error {
	if p.done {
		return nil
	}
	key, err := s.rt.Vault.Key(ctx, p.tenant, p.userID)
	if errors.Is(err, vault.ErrErased) {
		return ErrNotFound.Because(err)
	}
	if err != nil {
		return fmt.Errorf("user: key for a picture: %w", err)
	}
	sealed, err := key.Seal(avatarBinding(p.eventID), data)
	if err != nil {
		return fmt.Errorf("user: seal a picture: %w", err)
	}
	err = s.rt.Store.PutBlob(ctx, p.tenant, eventstore.Blob{EventID: p.eventID, Subject: p.userID, Sealed: sealed})
	p.done = err == nil
	return command.Refusal(err)
}

func avatarBinding(eventID uuid.UUID) []byte { return []byte("avatar:" + eventID.String()) }

// dropAvatars drops pictures that no event names any more, and those that none ever did. The command has happened whether or not
// this succeeds: nobody is shown them, and the next change of the picture drops what is left.
func (s *Service) dropAvatars(ctx context.Context, tenant string, d eventstore.DropBlobs) {
	d.PutBefore = s.rt.Now().Add(-unnamedAvatarKept)
	_ = s.rt.Store.DropBlobs(context.WithoutCancel(ctx), tenant, d)
}

// RemoveAvatar takes a user's picture away. A user without one stays as it is.
func (s *Service) RemoveAvatar(ctx context.Context, caller *permission.Caller, userID string) (command.Receipt, error) {
	g, err := s.guard(opRemoveAvatar, caller, userID)
	if err != nil {
		return command.Receipt{}, err
	}
	var former *Avatar
	receipt, err := s.change(ctx, g, anyUser, func(_ context.Context, state *State, d *command.Decision) error {
		if former = state.Avatar; former != nil {
			s.record(d, &eventv1.UserAvatarRemoved{})
		}
		return nil
	})
	if err == nil && former != nil {
		s.dropAvatars(ctx, caller.Tenant, eventstore.DropBlobs{Subject: userID, Former: []uuid.UUID{former.EventID}})
	}
	return receipt, err
}

// Avatar returns a user's picture to whoever knows its digest: knowing it is what entitles, as the caller may be a browser that
// shows a page. Everything that is not the user's present picture is ErrAvatarNotFound.
func (s *Service) Avatar(ctx context.Context, tenant, userID string, sum [sha256.Size]byte) (avatar.Picture, error) {
	snap, err := s.users.Load(ctx, tenant, userID)
	if err != nil {
		return avatar.Picture{}, err
	}
	named := snap.State.Avatar
	if !snap.State.Exists() || named == nil || subtle.ConstantTimeCompare(named.SHA256[:], sum[:]) != 1 {
		return avatar.Picture{}, ErrAvatarNotFound
	}
	blob, found, err := s.rt.Store.Blob(ctx, tenant, userID, named.EventID)
	if err != nil {
		return avatar.Picture{}, command.Refusal(err)
	}
	key, err := s.rt.Vault.Key(ctx, tenant, userID)
	if !found || errors.Is(err, vault.ErrErased) {
		return avatar.Picture{}, ErrAvatarNotFound
	}
	if err != nil {
		return avatar.Picture{}, command.Refusal(fmt.Errorf("user: key of a picture: %w", err))
	}
	data, err := key.Open(avatarBinding(named.EventID), blob.Sealed)
	if errors.Is(err, vault.ErrErased) {
		return avatar.Picture{}, ErrAvatarNotFound.Because(err)
	}
	if err != nil {
		return avatar.Picture{}, fmt.Errorf("user: open a picture: %w", err)
	}
	return avatar.Picture{ContentType: named.ContentType, SHA256: named.SHA256, Data: data}, nil
}
