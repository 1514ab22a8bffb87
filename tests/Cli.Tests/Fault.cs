using Microsoft.AspNetCore.Http;

namespace Rollbook.Cli.Tests;

/// <summary>What the fake recorder does to one request instead of answering it well.</summary>
/// <param name="Path">A part of the path and query that it waits for.</param>
internal sealed record Fault(string Path)
{
    /// <summary>Answer this status with a problem of <see cref="Code"/>; 0: cut the connection.</summary>
    public int Status { get; init; }

    public string? Code { get; init; }

    public bool Retry { get; init; }

    public long? Expected { get; init; }

    public string? RetryAfter { get; init; }

    /// <summary>The request takes effect before the fault: the answer is lost, not the write.</summary>
    public bool AfterEffect { get; init; }

    /// <summary>End a streamed answer after so many events or lines, within the next. (A reset could take what was sent before with it.)</summary>
    public int? CutAfter { get; init; }

    /// <summary>How often it strikes.</summary>
    public int Times { get; set; } = 1;

    /// <summary>Answers in place of the recorder.</summary>
    public async Task StrikeAsync(HttpContext context)
    {
        if (Status == 0)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = Status;
        if (RetryAfter is not null)
            context.Response.Headers.RetryAfter = RetryAfter;
        await context.Response.WriteAsync(Code is null ? "<html>proxy</html>" : FakeRecorder.Problem(Code, Retry, Expected));
    }
}
