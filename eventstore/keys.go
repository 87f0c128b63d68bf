package eventstore

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
)

const rewrapBatch = 1000

// DataKeys returns the wrapped data keys of these subjects; erased and unknown subjects are left out.
func (s *Store) DataKeys(ctx context.Context, tenant string, subjects []string) (map[string][]byte, error) {
	keys := make(map[string][]byte, len(subjects))
	if len(subjects) == 1 {
		wrapped, err := s.keys.Ask(ctx, keyOwner{tenant, subjects[0]})
		if err != nil {
			return nil, fmt.Errorf("eventstore: data keys: %w", Unavailable(err))
		}
		if *wrapped != nil {
			keys[subjects[0]] = *wrapped
		}
		return keys, nil
	}
	err := s.eachKey(ctx, slices.Repeat([]string{tenant}, len(subjects)), subjects, func(i int, wrapped []byte) {
		keys[subjects[i]] = wrapped
	})
	if err != nil {
		return nil, fmt.Errorf("eventstore: data keys: %w", Unavailable(err))
	}
	return keys, nil
}

// keyOwner asks for the data key of one subject.
type keyOwner struct{ tenant, subject string }

func (s *Store) readKeys(ctx context.Context, questions []*Question[keyOwner, []byte]) error {
	var tenants, subjects []string
	for _, q := range questions {
		tenants, subjects = append(tenants, q.Asked.tenant), append(subjects, q.Asked.subject)
	}
	return s.eachKey(ctx, tenants, subjects, func(i int, wrapped []byte) { questions[i].Answer = wrapped })
}

// eachKey calls take with the index of every subject that has a data key, and the key.
func (s *Store) eachKey(ctx context.Context, tenants, subjects []string, take func(int, []byte)) error {
	rows, err := s.readers.Query(ctx, sqlDataKeys, tenants, subjects)
	if err != nil {
		return err
	}
	var number int
	var wrapped []byte
	_, err = pgx.ForEachRow(rows, []any{&number, &wrapped}, func() error {
		take(number-1, wrapped)
		return nil
	})
	return err
}

// EnsureDataKey stores a data key unless the subject has one, and returns the one that is stored.
func (s *Store) EnsureDataKey(ctx context.Context, tenant string, key DataKey) ([]byte, error) {
	for {
		var wrapped []byte
		found, err := s.queryOne(ctx, sqlEnsureDataKey, []any{tenant, key.Subject, key.Wrapped}, &wrapped)
		if err != nil {
			return nil, fmt.Errorf("eventstore: ensure data key: %w", err)
		}
		if found {
			return wrapped, nil
		}
		// Somebody stored one after this statement's snapshot was taken: the next one sees it.
	}
}

// RewrapDataKeys passes every data key through rewrap, in batches of one transaction each, and stores what it returns. It
// returns how many keys it stored. Run again after a failure it goes over the finished ones once more, unharmed.
func (s *Store) RewrapDataKeys(ctx context.Context, rewrap func(tenant string, key DataKey) ([]byte, error)) (int, error) {
	var tenant, subject string
	for n := 0; ; {
		done := 0
		err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) (err error) {
			done, tenant, subject, err = rewrapAfter(ctx, tx, tenant, subject, rewrap)
			return err
		})
		if err != nil {
			return n, fmt.Errorf("eventstore: re-wrap data keys: %w", Unavailable(err))
		}
		if done == 0 {
			return n, nil
		}
		n += done
	}
}

func rewrapAfter(
	ctx context.Context, tx pgx.Tx, tenant, subject string, rewrap func(string, DataKey) ([]byte, error),
) (n int, lastTenant, lastSubject string, err error) {
	rows, err := tx.Query(ctx, sqlDataKeysAfter, tenant, subject, rewrapBatch)
	if err != nil {
		return 0, "", "", err
	}
	var tenants, subjects []string
	var wrapped [][]byte
	var key DataKey
	_, err = pgx.ForEachRow(rows, []any{&tenant, &key.Subject, &key.Wrapped}, func() error {
		fresh, err := rewrap(tenant, key)
		tenants, subjects, wrapped = append(tenants, tenant), append(subjects, key.Subject), append(wrapped, fresh)
		return err
	})
	if err != nil || len(subjects) == 0 {
		return 0, "", "", err
	}
	_, err = tx.Exec(ctx, sqlRewrapDataKeys, tenants, subjects, wrapped)
	return len(subjects), tenant, subjects[len(subjects)-1], err
}
