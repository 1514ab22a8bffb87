using System.Globalization;
using System.Text.Json;

namespace Rollbook.Cli;

/// <summary>What a deletion tells: a bar while it works, each receipt and each episode that stays, and a sum. With --json what the recorder answered.</summary>
internal sealed class DeleteReport(CliHost host, bool json)
{
    private readonly HeldLines _lines = new(host);
    private long _steps;
    private long _bytes;
    private long _running;
    private long _pinned;
    private long _refused;

    public long Episodes { get; private set; }

    public Task WithProgressAsync(long episodes, Func<Action<int>, Task> work)
    {
        (Episodes, _steps, _bytes) = (0, 0, 0);
        return _lines.WithProgressAsync("delete", episodes, bar => work(count => bar?.Increment(count)));
    }

    /// <summary>Adds what would be deleted.</summary>
    public void Count(byte[] answer)
    {
        using var document = JsonDocument.Parse(answer);
        var root = document.RootElement;
        Add(root);
        _running += root.GetProperty("running").GetInt64();
        _pinned += root.GetProperty("pinned").GetInt64();
        _refused += root.GetProperty("not_found").GetInt64();
    }

    /// <summary>Says what would be deleted.</summary>
    public int Counted(string? hint)
    {
        if (json)
        {
            host.Out.WriteLine(CliJson.Line(writer =>
            {
                writer.WriteBoolean("dry_run", true);
                writer.WriteNumber("episodes", Episodes);
                writer.WriteNumber("steps", _steps);
                writer.WriteNumber("bytes", _bytes);
                writer.WriteNumber("running", _running);
                writer.WriteNumber("pinned", _pinned);
                writer.WriteNumber("not_found", _refused);
            }));
        }
        else
        {
            host.Out.WriteLine($"{Sum()}, would be deleted{Staying()}.");
            if (hint is not null)
                host.Out.WriteLine(hint);
        }

        return _refused > 0 ? ExitCode.Failed : ExitCode.Ok;
    }

    /// <summary>Tells what one request deleted.</summary>
    public void Deleted(byte[] answer)
    {
        using var document = JsonDocument.Parse(answer);
        var root = document.RootElement;
        Add(root);
        _refused += root.GetProperty("refused_count").GetInt64();
        if (json)
        {
            _lines.Write(root.GetRawText());
            return;
        }

        foreach (var refused in root.GetProperty("refused").EnumerateArray())
            _lines.Write(TerminalText.OneLine($"{refused.GetProperty("episode_id").GetString()} {Fate(refused.GetProperty("code").GetString())}", 200));
        if (root.GetProperty("receipt_id").GetString() is { } receipt)
            _lines.Write(TerminalText.OneLine($"receipt {receipt}", 200));
    }

    /// <summary>Says the sum.</summary>
    public int Finish()
    {
        _lines.Flush();
        if (!json)
            host.Out.WriteLine($"{Sum()}, deleted{(_refused > 0 ? string.Create(CultureInfo.InvariantCulture, $"; {_refused:N0} {(_refused == 1 ? "was" : "were")} not") : "")}.");
        return _refused > 0 ? ExitCode.Failed : ExitCode.Ok;
    }

    /// <summary>Shows a receipt.</summary>
    public void Receipt(byte[] answer)
    {
        using var document = JsonDocument.Parse(answer);
        var root = document.RootElement;
        if (json)
        {
            host.Out.WriteLine(root.GetRawText());
            return;
        }

        Add(root);
        var (requested, erased) = (root.GetProperty("requested_at").GetDouble(), root.GetProperty("erased_at"));
        host.Out.WriteLine(TerminalText.OneLine(
            erased.ValueKind == JsonValueKind.Number
                ? $"{Sum()}, deleted {Time(requested)}: final, erased {Time(erased.GetDouble())}."
                : $"{Sum()}, deleted {Time(requested)}: pending, bytes of them are still in files.",
            400));
    }

    private static string Time(double seconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000)).ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private void Add(JsonElement answer)
    {
        Episodes += answer.GetProperty("episodes").GetInt64();
        _steps += answer.GetProperty("steps").GetInt64();
        _bytes += answer.GetProperty("bytes").GetInt64();
    }

    private string Sum() => $"{Number(Episodes, "episode")} with {Number(_steps, "step")}, about {Size()}";

    private string Size() => _bytes < 1 << 20
        ? string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(_bytes / 1024.0):N0} KiB")
        : string.Create(CultureInfo.InvariantCulture, $"{_bytes / 1048576.0:N1} MiB");

    private static string Number(long count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {what}{(count == 1 ? "" : "s")}");

    // What is not there doesn't stay.
    private static string Fate(string? code) => code switch
    {
        "episode_deleted" => "was deleted before (episode_deleted)",
        "episode_not_found" => "is not there (episode_not_found)",
        _ => $"stays ({code})",
    };

    private string Staying()
    {
        List<string> parts = [];
        if (_running > 0)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{_running:N0} of them {(_running == 1 ? "runs and needs" : "run and need")} --abort-running"));
        if (_pinned > 0)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{_pinned:N0} {(_pinned == 1 ? "is pinned and stays" : "are pinned and stay")}"));
        if (_refused > 0)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{_refused:N0} {(_refused == 1 ? "is" : "are")} not found"));
        return parts.Count == 0 ? "" : $"; {string.Join("; ", parts)}";
    }
}
