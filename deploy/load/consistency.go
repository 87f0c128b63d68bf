package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"

	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
)

// consistency reads what was just written, on one node and on two over one database.
func (b *bench) consistency(ctx context.Context) error {
	one, err := b.crew(ctx)
	if err != nil {
		return err
	}
	defer one.close()
	if err := b.readAfterWrite(ctx, "one node", one); err != nil {
		return err
	}
	second, err := startNode(ctx, nodeConfig{
		binary: b.binary, dir: filepath.Join(b.work, "second"),
		database: b.base.server.DSN(), keys: filepath.Join(b.signet.dir, "master.keys"),
	})
	if err != nil {
		return err
	}
	two, err := assemble(ctx, b.connections, b.signet, second)
	if err != nil {
		return errors.Join(err, second.stop())
	}
	defer two.close()
	return errors.Join(b.readAfterWrite(ctx, "two nodes", two), second.stop())
}

// sightings count what readers did not get to see.
type sightings struct {
	missing atomic.Int64 // an answer without the write
	refused atomic.Int64 // the read model did not catch up in time
}

func (b *bench) readAfterWrite(ctx context.Context, where string, crew *crew) error {
	watch := b.signet.watch()
	var seen sightings
	t, err := crew.run(ctx, plan{count: b.loops}, func(w *worker, n int) error { return b.writeAndRead(w, n, &seen) })
	if err != nil {
		_, watched := b.remember(watch)
		return errors.Join(err, watched)
	}
	misses, refusals := seen.missing.Load(), seen.refused.Load()
	figure := fmt.Sprintf("%d misses in %s", misses, thousands(t.operations))
	if refusals > 0 {
		figure += fmt.Sprintf(", %d refused as unavailable", refusals)
	}
	b.report.add(row{
		name: "create, get, list by email: " + where, rate: t.rate(), unit: "loops", p50: t.percentile(.5), p99: t.percentile(.99),
		goals: []goal{{target: "0 misses", reached: misses == 0 && refusals == 0, figure: figure}},
	})
	_, err = b.remember(watch)
	return err
}

// writeAndRead adds a person at one node and looks for them at the next, by id and by address.
func (b *bench) writeAndRead(w *worker, loop int, seen *sightings) error {
	n := int(b.issued.Add(1) - 1)
	writer, reader := w.nodes[loop%len(w.nodes)], w.nodes[(loop+1)%len(w.nodes)]
	var added userv2.AddHumanUserResponse
	if _, err := writer.call("AddHumanUser", newcomer(n), &added); err != nil {
		return err
	}
	var got userv2.GetUserByIDResponse
	_, err := reader.call("GetUserByID", &userv2.GetUserByIDRequest{UserId: added.GetUserId()}, &got)
	email := got.GetUser().GetHuman().GetEmail()
	if err := seen.judge(err, email.GetEmail() == address(n) && email.GetIsVerified()); err != nil {
		return err
	}
	found, err := findByEmail(reader, n)
	return seen.judge(err, len(found) == 1 && found[0].GetUserId() == added.GetUserId())
}

// judge counts an answer that does not show the write. Other errors come back.
func (s *sightings) judge(err error, shown bool) error {
	refusal, refused := errors.AsType[*callError](err)
	switch {
	case refused && refusal.Code == "not_found":
		s.missing.Add(1)
	case refused && refusal.Code == "unavailable":
		s.refused.Add(1)
	case err != nil:
		return err
	case !shown:
		s.missing.Add(1)
	}
	return nil
}
