// Package audit answers who changed what and when: the event log, for people.
//
// # What a viewer sees
//
// The own stream, always. Any other stream with the permission audit.read on the organization that owns it. Who asks
// for one stream without that permission gets permission_denied, whether the stream exists or not. A question that
// names no stream is narrowed to what the viewer may see: to the own stream for who holds audit.read nowhere.
//
// Personal fields are opened only for who may read the person: the person, or a holder of user.read on the
// organization that owns the stream. For everybody else they are left out and [Event.PersonalVisible] is false. Once a
// person is erased nobody can open them ([Event.Erased]). Where a change came from (address and agent) tells about the
// actor, so beside holders of user.read only the actor sees it.
//
// Secret fields are never opened, not even in memory: this package does not ask the codec for them. Digests of codes and
// tokens are open fields, but nothing a person could read anything from; they are left out as well.
//
// # Paging
//
// Pages are cut at positions, so pages stay put while the log grows. A token names the last position looked at, the direction
// and a digest of the question; it is refused when it does not belong to the question. A page may hold fewer events than
// asked for, or none, and still have a next one: at most [maxScanned] events are looked at for it.
//
// Oldest first, a page ends at the log's high water mark, which the query waits for as long as a strong read would:
// behind it an event with a lower position could still be committed, and who follows the log by its pages would miss it.
// Newest first it shows what is committed.
//
// # Failure
//
// An event that this binary cannot decode is listed without payload and marked [Event.Unreadable]; it never hides the
// rest of the history.
package audit
