package audit

const (
	// Owners of the streams on a page, by primary key.
	sqlOwners = `
select s.kind, s.id, s.owner
  from unnest($2::text[], $3::text[]) as page (kind, id)
  join eventstore.streams s on s.tenant = $1 and s.kind = page.kind and s.id = page.id`

	// The streams of one id, whatever their kind. The primary key is (tenant, kind, id): the recursion goes from kind to
	// kind, of which there are a handful, and never over the streams.
	sqlStreamsByID = `
with recursive kinds (kind) as (
    select min(kind) from eventstore.streams where tenant = $1
    union all
    select (select min(s.kind) from eventstore.streams s where s.tenant = $1 and s.kind > kinds.kind)
      from kinds where kinds.kind is not null)
select s.kind, s.id, s.owner
  from kinds
  join eventstore.streams s on s.tenant = $1 and s.kind = kinds.kind and s.id = $2`
)
