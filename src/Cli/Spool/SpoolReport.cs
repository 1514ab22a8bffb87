using Spectre.Console;

namespace Rollbook.Cli;

/// <summary>What sending a spool tells: a line per file, each refused record, and a sum.</summary>
internal sealed class SpoolReport(CliHost host, bool json)
{
    private readonly HeldLines _lines = new(host);
    private int _files;
    private long _steps;

    /// <summary>How many files are not, or not wholly, in the recorder.</summary>
    public int Failed { get; private set; }

    public Task WithProgressAsync(int files, Func<ProgressTask?, Task> work) => _lines.WithProgressAsync("spool", files, work);

    /// <summary>All of it was answered.</summary>
    public void Sent(SpoolTally tally, string? refusedFile)
    {
        _files++;
        _steps += tally.Steps;
        if (tally.Refused > 0)
            Failed++;
        Write(tally.File, "sent", tally, refusedFile is null ? null : $"refused records are in {refusedFile}; once the cause is mended, rollbook import --spool {refusedFile} sends them again", null);
    }

    /// <summary>It stays, since not all of it could be sent.</summary>
    public void Kept(SpoolTally tally, string reason, string code)
    {
        Failed++;
        Write(tally.File, "kept", tally, reason, code);
    }

    /// <summary>It stays, since a live process sends it.</summary>
    public void Held(string file) => Write(file, "held", null, "a live process holds it and sends it itself", null);

    public void Refused(SpoolTally tally, long line, SpoolRecord? record, string code, string reason)
    {
        tally.Refused++;
        if (json)
        {
            _lines.Write(CliJson.Line(writer =>
            {
                writer.WriteString("file", tally.File);
                writer.WriteNumber("line", line);
                if (record is not null)
                    writer.WriteString("do", record.Do);
                if (record?.EpisodeId is { } id)
                    writer.WriteString("episode_id", id);
                writer.WriteString("code", code);
                writer.WriteString("error", reason);
            }));
            return;
        }

        _lines.Write(TerminalText.OneLine(
            $"{tally.File}:{line}: {(record is null ? "damaged" : $"{record.Do} {record.EpisodeId ?? record.Worker} refused")}: {reason} ({code})", 1000));
    }

    /// <summary>Writes the held lines and the sum.</summary>
    public void Finish()
    {
        _lines.Flush();
        if (!json)
            host.Out.WriteLine($"{_files} files sent, {_steps} steps{(Failed > 0 ? $"; {Failed} with something refused or kept back" : "")}.");
    }

    private void Write(string file, string status, SpoolTally? tally, string? reason, string? code)
    {
        if (json)
        {
            _lines.Write(CliJson.Line(writer =>
            {
                writer.WriteString("file", file);
                writer.WriteString("status", status);
                if (tally is not null)
                {
                    writer.WriteNumber("episodes", tally.Episodes);
                    writer.WriteNumber("records", tally.Records);
                    writer.WriteNumber("steps", tally.Steps);
                    writer.WriteNumber("refused", tally.Refused);
                    writer.WriteNumber("torn_bytes", tally.Torn);
                }

                if (code is not null)
                    writer.WriteString("code", code);
                if (reason is not null)
                    writer.WriteString(status == "kept" ? "error" : "note", reason);
            }));
            return;
        }

        var counts = tally is null ? "" : $"{tally.Records,6} records {tally.Steps,6} steps  ";
        var torn = tally is { Torn: > 0 } ? $"  (its last record was cut while it was written, after {tally.Torn} bytes: nobody was told that it is kept)" : "";
        _lines.Write($"{status,-5} {counts}{TerminalText.Clean(file)}{torn}{(reason is null ? "" : $"  ({TerminalText.OneLine(reason, 500)}{(code is null ? "" : $", {code}")})")}");
    }
}
