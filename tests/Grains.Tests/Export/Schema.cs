using System.Text.Json;
using Json.Schema;
using Xunit;

namespace Rollbook.Grains.Tests.Export;

/// <summary>A schema of docs/schemas.</summary>
internal sealed class Schema
{
    private readonly JsonSchema schema;

    private Schema(JsonSchema schema) => this.schema = schema;

    public static Schema Atif { get; } = Load("atif-v1.8.schema.json");

    public static Schema StsLine { get; } = Load("sts-line.schema.json");

    /// <summary>Why the text breaks the schema, place and reason a line; empty = it doesn't.</summary>
    public string Faults(string json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 512 });
        var result = schema.Evaluate(document.RootElement, new EvaluationOptions { OutputFormat = OutputFormat.List });
        return result.IsValid
            ? ""
            : string.Join('\n', (result.Details ?? []).Where(static d => d.Errors is not null).SelectMany(static d => d.Errors!.Select(e => $"{d.InstanceLocation} {e.Key}: {e.Value}")).Append("broken"));
    }

    public void Holds(string json)
    {
        var faults = Faults(json);
        Assert.True(faults.Length == 0, $"{faults}\n{json}");
    }

    private static Schema Load(string name) => new(JsonSchema.FromText(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Schemas", name))));
}
