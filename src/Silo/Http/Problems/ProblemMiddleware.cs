using Rollbook.Archive;
using Rollbook.Query;

namespace Rollbook.Silo.Http;

/// <summary>
/// The one place where what went wrong becomes an answer. Everything that is not a refusal of ours means that the outcome is
/// unknown: the caller sends the same again.
/// </summary>
internal sealed partial class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (IsEmptyRefusal(context.Response) && Of(context.Response.StatusCode) is { } problem) await problem.ExecuteAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone: nobody reads an answer.
        }
        catch (Exception error)
        {
            await AnswerAsync(context, error);
        }
    }

    private async Task AnswerAsync(HttpContext context, Exception error)
    {
        if (error is not (BadJsonException or RefusedException or TooLargeException or BadHttpRequestException or QueryTimeoutException or SqlRefusedException { Refusal: not SqlRefusal.Failed }))
            LogUnknown(log, context.Request.Method, context.Request.Path, error);
        if (context.Response.HasStarted)
        {
            // A stream that breaks off must not look complete.
            context.Abort();
            return;
        }

        context.Response.Clear();
        SecurityHeaders.Set(context);
        await Of(error).ExecuteAsync(context);
    }

    /// <summary>What the server itself refuses has no body yet.</summary>
    private static bool IsEmptyRefusal(HttpResponse response) =>
        response.StatusCode >= 400 && !response.HasStarted && response.ContentLength is null && string.IsNullOrEmpty(response.ContentType);

    private static Problem? Of(int status) => status switch
    {
        StatusCodes.Status404NotFound => new Problem(ProblemKind.NotFound),
        StatusCodes.Status405MethodNotAllowed => new Problem(ProblemKind.MethodNotAllowed),
        StatusCodes.Status400BadRequest => new Problem(ProblemKind.BadRequest),
        _ => null,
    };

    private static Problem Of(Exception error) => error switch
    {
        BadJsonException bad => new Problem(ProblemKind.BadJson) { Detail = bad.Message, Pointer = bad.Pointer, Line = bad.Line },
        RefusedException refused => new Problem(refused.Kind) { Detail = refused.Message },
        TooLargeException large => new Problem(ProblemKind.TooLarge) { Detail = large.Message },
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => new Problem(ProblemKind.TooLarge),
        QueryTimeoutException slow => new Problem(ProblemKind.Of(RollbookCode.Unavailable)) { Detail = slow.Message },
        PackDamagedException damaged => new Problem(ProblemKind.Of(RollbookCode.Damaged)) { Detail = damaged.Message },
        SqlRefusedException refused => new Problem(Of(refused.Refusal)) { Detail = refused.Message, Line = refused.Line, Column = refused.Column },
        BadHttpRequestException bad => new Problem(ProblemKind.BadRequest) { Detail = bad.Message },
        _ => Problem.Of(RollbookCode.Unavailable),
    };

    private static ProblemKind Of(SqlRefusal refusal) => refusal switch
    {
        SqlRefusal.Bad => ProblemKind.BadSql,
        SqlRefusal.Limit => ProblemKind.QueryLimit,
        SqlRefusal.Busy => ProblemKind.Of(RollbookCode.Busy),
        _ => ProblemKind.Of(RollbookCode.Unavailable),
    };

    [LoggerMessage(1, LogLevel.Warning, "{Method} {Path} failed; the caller was told that the outcome is unknown.")]
    private static partial void LogUnknown(ILogger log, string method, string path, Exception error);
}
