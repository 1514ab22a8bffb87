namespace Rollbook.Access;

/// <summary>One line of the audit log. It never holds a payload or a secret.</summary>
/// <param name="Who">A <see cref="Caller.Name"/>.</param>
/// <param name="From">The address that it came from; empty for the recorder itself.</param>
/// <param name="What">What was done or asked for: <c>key.create</c>, <c>delete</c>, <c>export</c>, <c>start</c>, <c>access.refused</c>, …</param>
/// <param name="On">To what: a path, an id, a few settings.</param>
/// <param name="Times">How often; more than 1 where refusals of a kind stand together.</param>
internal readonly record struct AuditEntry(string Who, string From, string What, string On, long Times = 1);
