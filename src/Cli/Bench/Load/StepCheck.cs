using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Rollbook.Cli;

/// <summary>Reads episodes back and compares every step with what was sent.</summary>
internal sealed class StepCheck(IBenchTarget target, StepPool pool)
{
    /// <summary>Steps read and found equal.</summary>
    public long Steps { get; private set; }

    public int Episodes { get; private set; }

    /// <summary>Checks one episode from its first step to its last.</summary>
    /// <exception cref="CliException">A step is missing, is one too many, or differs.</exception>
    public async Task CheckAsync(LoadEpisode episode, CancellationToken cancellation)
    {
        var ordinal = 0L;
        await foreach (var recorded in target.ReadAsync(episode, cancellation))
        {
            if (ordinal == episode.Next)
                throw Wrong($"Episode {episode.Id} has more than the {episode.Next} steps that were acknowledged.");
            if (Difference(pool.ToArray(episode.Number, ordinal), recorded) is { } difference)
                throw Wrong($"Step {ordinal} of episode {episode.Id} came back otherwise than it was sent: {difference}");
            ordinal++;
        }

        if (ordinal != episode.Next)
            throw Wrong($"Episode {episode.Id} has {ordinal} steps, but {episode.Next} were acknowledged.");
        Episodes++;
        Steps += ordinal;
    }

    /// <summary>Where a recorded step lacks a field that was sent, or has another value; null where it is the same, byte for byte.</summary>
    public static string? Difference(ReadOnlyMemory<byte> sent, ReadOnlyMemory<byte> recorded)
    {
        using var sentJson = JsonDocument.Parse(sent);
        using var recordedJson = JsonDocument.Parse(recorded);
        foreach (var field in sentJson.RootElement.EnumerateObject())
        {
            if (!recordedJson.RootElement.TryGetProperty(field.Name, out var value))
                return $"{field.Name} is missing";
            if (!JsonMarshal.GetRawUtf8Value(field.Value).SequenceEqual(JsonMarshal.GetRawUtf8Value(value)))
                return $"{field.Name} is {Text(value)} instead of {Text(field.Value)}";
        }

        return null;
    }

    private static string Text(JsonElement value)
    {
        var text = Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(value));
        return text.Length > 200 ? text[..200] + "…" : text;
    }

    private static CliException Wrong(string message) => new(ExitCode.Failed, "not_recorded", message);
}
