using Rollbook.Access;

namespace Rollbook.Silo.Http;

/// <summary>Writes into the audit log what requests do that must be told later: who, what, when, from where. No payloads, no secrets.</summary>
/// <param name="time">The clock.</param>
/// <param name="logger">Takes what could not be written in the background.</param>
/// <param name="log">The log; null = this host keeps none.</param>
internal sealed partial class AuditTrail(TimeProvider time, ILogger<AuditTrail> logger, AuditLog? log = null)
{
    // A flood of refusals must not become a flood of flushed lines: one a minute for each address and reason, and so many of those.
    private const int MostKinds = 100;
    private static readonly TimeSpan Together = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly Dictionary<(string From, string Who), long> refused = [];
    private long since;

    /// <summary>Notes what a request does. It is durable when this returns.</summary>
    /// <exception cref="RefusedException">It can't be noted, so that it is not done: <c>unavailable</c>.</exception>
    public async Task NoteAsync(HttpContext http, Caller caller, string what, string on)
    {
        if (log is null) return;
        var entry = new AuditEntry(caller.Name, From(http), what, on);
        try
        {
            // A flush takes milliseconds, which a thread of the server must not wait for.
            await Task.Run(() => log.Append(entry));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            LogNotWritten(logger, what, failure);
            throw new RefusedException(ProblemKind.Of(RollbookCode.Unavailable), "The audit log can't be written, and without it this is not done. See the recorder's own output.");
        }
    }

    /// <summary>Notes what the recorder itself does.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    public void Note(string what, string on) => log?.Append(new AuditEntry("recorder", "", what, on));

    /// <summary>Notes in the background that a request was refused for its credential.</summary>
    /// <param name="http">The request.</param>
    /// <param name="who">Who it says it is from; not proved.</param>
    public void Refused(HttpContext http, string who)
    {
        if (log is null) return;
        var kind = (From(http), who);
        List<AuditEntry> entries = [];
        lock (gate)
        {
            if (refused.Count > 0 && time.GetElapsedTime(since) >= Together)
            {
                // The first of each was written at once; the rest of the minute stands together.
                entries.AddRange(refused.Where(static each => each.Value > 0).Select(static each => new AuditEntry(each.Key.Who, each.Key.From, "access.refused", "further", each.Value)));
                refused.Clear();
            }

            if (refused.Count == 0) since = time.GetTimestamp();
            if (refused.Count >= MostKinds && !refused.ContainsKey(kind)) kind = ("many", "many");
            if (refused.TryGetValue(kind, out var times))
            {
                refused[kind] = times + 1;
            }
            else
            {
                refused[kind] = 0;
                entries.Add(new AuditEntry(kind.who, kind.Item1, "access.refused", $"{http.Request.Method} {http.Request.Path}"));
            }
        }

        if (entries.Count > 0) _ = Task.Run(() => Append(entries));
    }

    private void Append(List<AuditEntry> entries)
    {
        try
        {
            foreach (var entry in entries) log!.Append(entry);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            LogNotWritten(logger, "access.refused", failure);
        }
    }

    private static string From(HttpContext http) => http.Connection.RemoteIpAddress?.ToString() ?? "";

    [LoggerMessage(1, LogLevel.Error, "The audit log can't be written ({What}).")]
    private static partial void LogNotWritten(ILogger logger, string what, Exception failure);
}
