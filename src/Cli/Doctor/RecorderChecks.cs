using System.Text.Json;
using Rollbook.Client;
using Rollbook.Doctor;

namespace Rollbook.Cli;

/// <summary>Looks at a recorder from outside.</summary>
internal sealed class RecorderChecks(RollbookHttpClient client, Uri address, TimeProvider time)
{
    // The recorder tells whole seconds, and the answer takes a while.
    private static readonly TimeSpan SkewNoise = TimeSpan.FromSeconds(2);

    // Routes that commands of this program call, newest last.
    private static readonly string[] Routes = ["/v1/steps", "/v1/heartbeat", "/v1/episodes/{id}/labels", "/v1/scores"];

    public async IAsyncEnumerable<Check> RunAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var before = time.GetUtcNow();
        RecorderHealth? health = null;
        Check? unreachable = null;
        try
        {
            health = await client.GetHealthAsync(cancellationToken);
        }
        catch (RollbookException e)
        {
            unreachable = new Check(
                "reachable", CheckState.Fail, e.InnerException?.Message ?? e.Message,
                $"Start the recorder, or name its address with --url or ROLLBOOK_URL. This was {address}.");
        }

        if (health is null)
        {
            yield return unreachable!;
            yield break;
        }

        yield return new Check("reachable", CheckState.Ok, $"{address} answered in {time.GetElapsedTime(began).TotalMilliseconds:0} ms");
        yield return Ready(health);
        yield return Clock(health.Time, before, time.GetUtcNow());
        yield return await VersionAsync(cancellationToken);
    }

    private static Check Ready(RecorderHealth health) => health.Status switch
    {
        200 => new Check("ready", CheckState.Ok, "it takes writes"),
        503 => new Check("ready", CheckState.Fail, "it does not take writes yet", "It recovers its logs after a start: wait. If it stays so, look into its own output."),
        401 or 403 => new Check("ready", CheckState.Fail, $"it refused the key (HTTP {health.Status})", "Set ROLLBOOK_API_KEY to a key of this recorder."),
        _ => new Check("ready", CheckState.Fail, $"/health/ready answered {health.Status}", "Is this address a recorder? A proxy before it must pass /health and /v1 on."),
    };

    private static Check Clock(DateTimeOffset? told, DateTimeOffset before, DateTimeOffset after)
    {
        if (told is not { } theirs)
            return new Check("clock", CheckState.Warn, "the answer told no time", "A proxy before the recorder should pass the Date header on.");
        // Between asking and getting the answer any time is right.
        var skew = theirs < before ? theirs - before : theirs > after ? theirs - after : TimeSpan.Zero;
        return skew.Duration() <= SkewNoise
            ? new Check("clock", CheckState.Ok, "it shows the same time as this machine's")
            : new Check(
                "clock", CheckState.Warn, $"the recorder's clock is {Math.Abs(skew.TotalSeconds):0} s {(skew > TimeSpan.Zero ? "ahead of" : "behind")} this machine's",
                "Let both synchronise (NTP): times of steps come from the client, times of receipt from the recorder.");
    }

    private async Task<Check> VersionAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var document = JsonDocument.Parse(await client.GetOpenApiJsonAsync(cancellationToken));
            var version = document.RootElement.GetProperty("info").GetProperty("version").GetString() ?? "";
            var paths = document.RootElement.GetProperty("paths");
            var missing = Routes.Where(route => !paths.TryGetProperty(route, out _)).ToList();
            if (version != "v1")
                return new Check("version", CheckState.Warn, $"its API is {TerminalText.OneLine(version, 40)}; this program speaks v1", "Use the rollbook of the recorder's own release.");
            return missing.Count == 0
                ? new Check("version", CheckState.Ok, "its API is v1, and has all that this program calls")
                : new Check("version", CheckState.Warn, $"its API is v1, without {string.Join(", ", missing)}", "It is older than this program: some commands will be refused. Update the recorder.");
        }
        catch (Exception e) when (e is RollbookException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return new Check("version", CheckState.Fail, "it served no API document", "Is this address a recorder? Its /openapi/v1.json should be one.");
        }
    }
}
