using System.Globalization;
using System.Text.RegularExpressions;

namespace Rollbook.Crash.Tests;

/// <summary>strace on the calls that a running process makes to some files: what they answered, and when; and faults put into them.</summary>
internal sealed partial class Tracer : IAsyncDisposable
{
    private static readonly Lazy<Task<string?>> LazyMissing = new(FindMissingAsync);
    private readonly ChildProcess strace;
    private readonly string log;

    private Tracer(ChildProcess strace, string log)
    {
        this.strace = strace;
        this.log = log;
    }

    /// <summary>Why nothing can be traced here; null where it can.</summary>
    public static Task<string?> MissingAsync() => LazyMissing.Value;

    /// <summary>Skips the test where nothing can be traced.</summary>
    public static async Task NeedAsync()
    {
        var missing = await MissingAsync();
        Assert.SkipWhen(missing is not null, missing ?? "");
    }

    /// <summary>Attaches to a silo; from the return on, its calls to the segments of its newest log are traced.</summary>
    /// <param name="silo">The traced process.</param>
    /// <param name="data">Its data directory.</param>
    /// <param name="calls">The system calls, separated by commas.</param>
    /// <param name="fault">What is done to them, in the words of <c>strace -e inject</c>; null: nothing.</param>
    public static async Task<Tracer> AttachAsync(SiloProcess silo, string data, string calls, string? fault = null)
    {
        var newest = Directory.GetDirectories(Path.Combine(data, "wal")).Order(StringComparer.Ordinal).Last();
        var log = Path.Combine(data, $"trace-{silo.Id}.txt");
        var command = new List<string> { "strace", "-f", "-ttt", "-T", "-o", log, "-e", $"trace={calls}", "-e", "signal=none" };
        foreach (var segment in Directory.GetFiles(newest, "*.wal")) command.AddRange(["-P", segment]);
        if (fault is not null) command.AddRange(["-e", $"inject={calls}:{fault}"]);
        command.AddRange(["-p", silo.Id.ToString(CultureInfo.InvariantCulture)]);
        var strace = ChildProcess.Start(command);
        await strace.LineAsync(line => line.Contains("attached", StringComparison.Ordinal), "that it is attached", TimeSpan.FromSeconds(30));
        return new Tracer(strace, log);
    }

    /// <summary>The calls in the order of their starts, once the traced process is gone.</summary>
    public async Task<IReadOnlyList<TracedCall>> CallsAsync()
    {
        await strace.ExitAsync(TimeSpan.FromSeconds(30));
        var calls = new List<TracedCall>();
        var begun = new Dictionary<string, double>();
        foreach (var line in await File.ReadAllLinesAsync(log))
        {
            var match = Line().Match(line);
            if (!match.Success) continue;
            var (thread, at) = (match.Groups["thread"].Value, Number(match.Groups["at"].Value));
            if (line.Contains("<unfinished ...>", StringComparison.Ordinal))
            {
                begun[thread] = at;
                continue;
            }

            if (!match.Groups["result"].Success) continue;
            var resumed = line.Contains("resumed>", StringComparison.Ordinal);
            var start = resumed && begun.Remove(thread, out var was) ? was : at;
            var end = start + Number(match.Groups["took"].Value);
            calls.Add(new TracedCall(
                match.Groups["name"].Value, start, end, long.Parse(match.Groups["result"].Value, CultureInfo.InvariantCulture),
                line.Contains("(INJECTED)", StringComparison.Ordinal)));
        }

        calls.Sort((left, right) => left.Start.CompareTo(right.Start));
        return calls;
    }

    /// <summary>When the traced process's last thread ended, in Unix seconds.</summary>
    public async Task<double> ExitedAtAsync()
    {
        await strace.ExitAsync(TimeSpan.FromSeconds(30));
        return (await File.ReadAllLinesAsync(log)).Where(line => line.Contains("+++ ", StringComparison.Ordinal))
            .Max(line => Number(Line().Match(line).Groups["at"].Value));
    }

    public ValueTask DisposeAsync() => strace.DisposeAsync();

    private static async Task<string?> FindMissingAsync()
    {
        try
        {
            // `cat` waits for its input for as long as the test wants.
            await using var traced = ChildProcess.Start(["cat"]);
            await using var strace = ChildProcess.Start(["strace", "-f", "-p", traced.Id.ToString(CultureInfo.InvariantCulture)]);
            await strace.LineAsync(line => line.Contains("attached", StringComparison.Ordinal), "that it is attached", TimeSpan.FromSeconds(30));
            return null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "strace is not installed.";
        }
        catch (InvalidOperationException refused)
        {
            return $"strace can't trace other processes here: {refused.Message}";
        }
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?<thread>\d+) +(?<at>\d+\.\d+) (?:(?:<\.\.\. )?(?<name>\w+)(?:\(| resumed>).*?(?: = (?<result>-?\d+)\b.*<(?<took>\d+\.\d+)>)?$|.*)")]
    private static partial Regex Line();
}
