using System.Buffers;
using System.Buffers.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Rollbook.Cli;

/// <summary>
/// The steps that a benchmark records: 740 bytes of JSON each, every fifth with a diff of 2,100 bytes besides, 1,160 on average. They are
/// made once; a step is a copy with the episode and the ordinal written into its <c>call_id</c>, so that no two are equal, the generator
/// costs little, and what must have been recorded at a place can be told at any time.
/// </summary>
internal sealed class StepPool
{
    /// <summary>Bytes of a step without a diff.</summary>
    public const int PlainBytes = 740;

    /// <summary>Bytes that a diff adds.</summary>
    public const int DiffBytes = 2_100;

    /// <summary>One step in so many has a diff.</summary>
    public const int DiffEvery = 5;

    /// <summary>Bytes of the longest step.</summary>
    public const int MaxBytes = PlainBytes + DiffBytes;

    /// <summary>Bytes of a step on average.</summary>
    public const int MeanBytes = PlainBytes + (DiffBytes / DiffEvery);

    private const string NoCall = "00000000-00000000";

    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // About 1 MB together: more than fits the innermost caches, so that copies cost what they cost a real sender.
    private readonly byte[][] _plain;
    private readonly byte[][] _withDiff;

    public StepPool(int seed, int variety = 640)
    {
        var random = new Random(seed);
        _plain = Enumerable.Range(0, variety).Select(_ => Make(random, withDiff: false)).ToArray();
        _withDiff = Enumerable.Range(0, Math.Max(1, variety / DiffEvery)).Select(_ => Make(random, withDiff: true)).ToArray();
    }

    /// <summary>Bytes of the step at an ordinal, the same in every episode.</summary>
    public static int Length(long ordinal) => HasDiff(ordinal) ? MaxBytes : PlainBytes;

    /// <summary>Bytes of a run of steps.</summary>
    public static int Length(long from, int count)
    {
        var diffs = ((from + count) / DiffEvery) - (from / DiffEvery);
        return (PlainBytes * count) + (int)(DiffBytes * diffs);
    }

    /// <summary>Writes a step and returns its length.</summary>
    /// <param name="episode">Number of the episode, from 0.</param>
    /// <param name="ordinal">Place in the episode, from 0.</param>
    /// <param name="into">At least <see cref="MaxBytes"/> long.</param>
    public int Write(int episode, long ordinal, Span<byte> into)
    {
        var pool = HasDiff(ordinal) ? _withDiff : _plain;
        var made = pool[(((long)episode * 31) + ordinal) % pool.Length];
        made.CopyTo(into);
        var call = into.Slice(made.Length - NoCall.Length - 3, NoCall.Length);
        Utf8Formatter.TryFormat(episode, call, out _, new StandardFormat('x', 8));
        Utf8Formatter.TryFormat((uint)ordinal, call[9..], out _, new StandardFormat('x', 8));
        return made.Length;
    }

    /// <summary>A step as an array of its own.</summary>
    public byte[] ToArray(int episode, long ordinal)
    {
        var step = new byte[Length(ordinal)];
        Write(episode, ordinal, step);
        return step;
    }

    private static bool HasDiff(long ordinal) => ordinal % DiffEvery == DiffEvery - 1;

    private static byte[] Make(Random random, bool withDiff)
    {
        var text = new CodeText(random);
        var draft = new Draft(
            withDiff ? "edit_file" : "run_command", text.Path(), text.Command(), text.Thought(), random.Next(1, 100) / 128.0, random.Next(1, 8000) / 8.0,
            random.Next(1, 100));
        var output = CodeText.Fit("", PlainBytes - Json(draft, "", null, "").Length, text.TestLine);
        if (!withDiff)
            return Json(draft, output, null, "");

        var room = MaxBytes - Json(draft, output, "", "").Length;
        var before = CodeText.Fit("", room / 2, text.CodeLine);
        var after = CodeText.Fit(text.Edit(before), room - (room / 2), text.CodeLine);
        return Json(draft, output, before, after);
    }

    private static byte[] Json(Draft draft, string output, string? before, string after)
    {
        var json = new ArrayBufferWriter<byte>(MaxBytes);
        using (var writer = new Utf8JsonWriter(json, Writing))
        {
            writer.WriteStartObject();
            writer.WriteNumber("timestamp", 1_763_890_000.25);
            writer.WriteString("action_type", draft.Action);
            writer.WriteString("action_path", draft.Path);
            writer.WriteString("action_query", draft.Command);
            writer.WriteStartObject("observation_snapshot");
            writer.WriteNumber("exit_code", draft.Changed % 2);
            writer.WriteString("cwd", "/workspace/repo");
            writer.WriteString("stdout", output);
            writer.WriteEndObject();
            writer.WriteNumber("reward", draft.Reward);
            writer.WriteNumber("cumulative_reward", draft.Reward * 4);
            if (before is not null)
                WriteDiff(writer, draft, before, after);
            writer.WriteNumber("duration_ms", draft.Duration);
            writer.WriteString("thought", draft.Thought);
            writer.WriteStartObject("extra");
            writer.WriteString("call_id", NoCall);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return json.WrittenSpan.ToArray();
    }

    private static void WriteDiff(Utf8JsonWriter writer, Draft draft, string before, string after)
    {
        writer.WriteStartObject("file_diff");
        writer.WriteString("path", draft.Path);
        writer.WriteString("before", before);
        writer.WriteString("after", after);
        writer.WriteNumber("chars_changed", draft.Changed);
        writer.WriteEndObject();
    }

    private sealed record Draft(string Action, string Path, string Command, string Thought, double Reward, double Duration, int Changed);
}
