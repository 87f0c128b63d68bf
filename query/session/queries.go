package session

// The names under which the read models follow the log.
const (
	projection = "sessions"
	names      = "users"
)

const (
	columns = `s.id, coalesce(s.version, 0), s.position, s.creator_id, s.user_id, s.organization_id, s.fingerprint_id, s.ip,
       s.description, s.headers, coalesce(s.user_verified, false), s.created_at, s.changed_at, s.expires_at, s.user_checked_at,
       s.password_checked_at, s.webauthn_checked_at, s.intent_checked_at, s.totp_checked_at, s.otp_sms_checked_at,
       s.otp_email_checked_at, s.recovery_code_checked_at,
       u.username, u.shown, m.keys, m.values`

	// What is joined to a session by primary keys, however few users there are.
	joined = `
  left join lateral (
       select u.version, u.username, case u.kind when 2 then u.machine_name else u.display_name end as shown
         from projection.users u
        where u.tenant = s.tenant and u.id = s.user_id
       offset 0) u on true
  left join lateral (
       select array_agg(m.key order by m.key) as keys, array_agg(m.value order by m.key) as values
         from projection.sessions_metadata m
        where m.tenant = s.tenant and m.session_id = s.id) m on true`

	// $1 is the tenant, $2 the id. Only where row and stream differ does the log tell of the end.
	sqlByID = `
select ` + columns + `, st.version,
       case when s.version is distinct from st.version then exists (
            select from eventstore.events e
             where e.stream_id = st.id and e.stream_kind = st.kind and e.tenant = st.tenant and e.version = st.version
               and e.type = 'session.ended') else false end,
       coalesce(us.version, 0), coalesce(u.version, 0)
  from eventstore.streams st
  left join projection.sessions s on s.tenant = st.tenant and s.id = st.id
  left join eventstore.streams us on us.tenant = s.tenant and us.kind = 'user' and us.id = s.user_id` + joined + `
 where st.tenant = $1 and st.kind = 'session' and st.id = $2`

	// $1 is the tenant, and a condition follows.
	sqlTotal = `(select count(*) from projection.sessions s where s.tenant = $1%s)`

	// The page is cut before anything is joined to it.
	sqlRows = `
select ` + columns + `
  from (select * from projection.sessions s
         where s.tenant = $1%[1]s
         order by %[2]s
         limit %[3]s) s` + joined + `
 order by %[2]s`
)
