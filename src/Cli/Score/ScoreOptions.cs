using System.Buffers;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Rollbook.Client;

namespace Rollbook.Cli;

/// <summary>The options that make one score.</summary>
internal sealed class ScoreOptions(CliHost host)
{
    private readonly Option<string> _name = new("--name")
    {
        Description = "What is scored. Default: final, the episode as a whole.", HelpName = "NAME", DefaultValueFactory = _ => "final",
    };

    private readonly Option<string?> _source = new("--source") { Description = "Who scores: a verifier, a model, a person. Default: you, as user@machine.", HelpName = "TEXT" };
    private readonly Option<string?> _rationale = new("--rationale") { Description = "Why.", HelpName = "TEXT" };

    private readonly Option<byte[]> _metadata = new("--metadata")
    {
        Description = "A JSON object to keep with it.",
        HelpName = "JSON",
        CustomParser = ReadMetadata,
    };

    private readonly Option<string?> _event = new("--event-id")
    {
        Description = "The event's own id, so that a repeat counts once. Default: a new one.", HelpName = "ID",
    };

    /// <summary>The number; its text may be <c>null</c>.</summary>
    public Option<Score> Value { get; } = new("--value")
    {
        Description = "A number, NaN, Infinity, -Infinity, or null for 'not scored'.",
        HelpName = "NUMBER",
        CustomParser = ReadValue,
    };

    public IReadOnlyList<Option> All => [Value, _name, _source, _rationale, _metadata, _event];

    public EpisodeScore Read(ParseResult parsed) => new()
    {
        EventId = parsed.GetValue(_event) ?? host.NewEventId(),
        Name = parsed.GetRequiredValue(_name),
        Value = parsed.GetValue(Value).Number,
        Source = parsed.GetValue(_source) ?? $"{Environment.UserName}@{Environment.MachineName}",
        Rationale = parsed.GetValue(_rationale),
        Metadata = parsed.GetValue(_metadata),
    };

    private static Score ReadValue(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (text == "null")
            return new Score(null);
        if (text is "NaN" or "Infinity" or "-Infinity")
            return new Score(double.Parse(text, CultureInfo.InvariantCulture));
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
            return new Score(number);
        result.AddError($"'{text}' is not a score. Write a number, NaN, Infinity, -Infinity, or null for 'not scored'.");
        return default;
    }

    private static byte[] ReadMetadata(ArgumentResult result)
    {
        var json = Encoding.UTF8.GetBytes(result.Tokens[0].Value);
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                var compact = new ArrayBufferWriter<byte>();
                RawJson.Write(compact, document.RootElement);
                return compact.WrittenSpan.ToArray();
            }
        }
        catch (JsonException)
        {
            // Told below, like any other value.
        }

        result.AddError("--metadata is not a JSON object. Write it like '{\"model\": \"j2\"}', in single quotes for the shell.");
        return [];
    }

    /// <summary>A score that may be none.</summary>
    internal readonly record struct Score(double? Number);
}
