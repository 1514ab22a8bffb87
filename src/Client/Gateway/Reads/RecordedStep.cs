using System.Text;

namespace Rollbook.Client;

/// <summary>A step as it is recorded: its JSON byte for byte, and typed where that is asked for.</summary>
public sealed class RecordedStep
{
    private readonly long receivedAt;

    private RecordedStep(long ordinal, long receivedAt, ReadOnlyMemory<byte> json)
    {
        Ordinal = ordinal;
        this.receivedAt = receivedAt;
        Json = json;
    }

    /// <summary>Its 0-based place in the episode.</summary>
    public long Ordinal { get; }

    /// <summary>When the recorder (or the client that recorded it) received it, Unix seconds.</summary>
    public double ReceivedAt => UnixTime.Seconds(receivedAt);

    /// <summary>
    /// A JSON object in UTF-8 without line ends: the fields that were sent, in the contract's order, number texts and string escapes as they came; no default is filled in.
    /// Never to be written. It is a part of the page that it came in, about 1 MiB: copy it to keep a few of many steps for long.
    /// </summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>
    /// The step typed, with the contract's defaults: ordinal + 1 for an absent step number, the receive time for an absent timestamp. Its observation and extra are
    /// parts of <see cref="Json"/>. Read at the first use.
    /// </summary>
    public Step Step => field ??= StepReader.Read(this);

    /// <summary>The JSON as text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Json.Span);

    /// <summary>The step that begins a run of entries, which is cut to those behind it.</summary>
    internal static RecordedStep Take(ref ReadOnlyMemory<byte> entries, long ordinal)
    {
        var entry = StepEntry.Read(entries.Span);
        var step = new RecordedStep(ordinal, entry.ReceivedAt, entries[StepEntry.HeaderSize..entry.Length]);
        entries = entries[entry.Length..];
        return step;
    }
}
