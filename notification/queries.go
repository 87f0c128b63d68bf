package notification

const (
	// The database's clock decides, so that clocks of processes need not agree.
	acquireLease = `
insert into eventstore.leases as l (name, holder, term, expires_at)
values ($1, $2, 1, clock_timestamp() + $3::interval)
on conflict (name) do update
   set holder     = excluded.holder,
       term       = l.term + case when l.holder = excluded.holder then 0 else 1 end,
       expires_at = excluded.expires_at
 where l.holder = excluded.holder or l.expires_at <= clock_timestamp()
returning term`

	renewLease = `
update eventstore.leases set expires_at = clock_timestamp() + $4::interval
 where name = $1 and holder = $2 and term = $3`

	releaseLease = `
update eventstore.leases set expires_at = clock_timestamp()
 where name = $1 and holder = $2 and term = $3`

	takeCheckpoint = `
insert into eventstore.checkpoints as c (name, generation, position, term, updated_at)
values ($1, 1, 0, $2, clock_timestamp())
on conflict (name) do update set term = excluded.term
 where c.term <= excluded.term
returning position`

	saveCheckpoint = `
update eventstore.checkpoints set position = $3, updated_at = clock_timestamp()
 where name = $1 and term = $2`
)
