using Rollbook.Client;
using Spectre.Console;

namespace Rollbook.Cli;

/// <summary>What scoring from a file tells: a bar while it works, each refused line, and a sum. With --json each line.</summary>
internal sealed class ScoreReport(CliHost host, bool json, string file)
{
    private readonly HeldLines _lines = new(host);
    private long _recorded;
    private long _repeats;

    public long Refused { get; private set; }

    public Task WithProgressAsync(long bytes, Func<Action<long>, Task> work) =>
        _lines.WithProgressAsync("score", bytes, progress => work(at =>
        {
            if (progress is not null)
                progress.Value = at;
        }));

    public void Tell(ScoreLine line, ScoreOutcome outcome)
    {
        if (outcome.Code is not null)
            Refused++;
        else if (outcome.Duplicate)
            _repeats++;
        else
            _recorded++;

        if (json)
            _lines.Write(Json(line, outcome));
        else if (outcome.Code is not null)
            _lines.Write(TerminalText.OneLine($"{file}:{line.Number}: {line.EpisodeId} {outcome.Detail} ({outcome.Code})", 1000));
    }

    public void Finish()
    {
        _lines.Flush();
        if (!json)
            host.Out.WriteLine($"{_recorded} scores recorded{(_repeats > 0 ? $", {_repeats} were there before" : "")}{(Refused > 0 ? $"; {Refused} refused" : "")}.");
    }

    private static string Json(ScoreLine line, ScoreOutcome outcome) => CliJson.Line(writer =>
    {
        writer.WriteNumber("line", line.Number);
        writer.WriteString("episode_id", line.EpisodeId);
        if (outcome.EventId is not null)
            writer.WriteString("event_id", outcome.EventId);
        if (outcome.Code is null)
        {
            writer.WriteBoolean("duplicate", outcome.Duplicate);
            CliJson.Number(writer, "final_score", outcome.FinalScore);
        }
        else
        {
            writer.WriteString("code", outcome.Code);
            writer.WriteString("error", outcome.Detail);
        }
    });
}
