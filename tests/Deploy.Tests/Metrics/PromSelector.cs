namespace Rollbook.Deploy.Tests.Metrics;

/// <summary>A metric and its matchers.</summary>
internal sealed record PromSelector(string Metric, IReadOnlyList<(string Label, string Value)> Matchers);
