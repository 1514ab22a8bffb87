namespace Rollbook.Silo.Tests.Telemetry;

/// <summary>A span as it was exported; ids in hexadecimal.</summary>
/// <param name="Source">The activity source.</param>
/// <param name="Name">The span's name.</param>
/// <param name="Trace">The trace.</param>
/// <param name="Id">The span.</param>
/// <param name="Parent">Its parent; empty = none.</param>
/// <param name="Texts">Its attributes that are texts.</param>
/// <param name="Links">The spans that it is linked to.</param>
internal sealed record ReceivedSpan(
    string Source, string Name, string Trace, string Id, string Parent, IReadOnlyDictionary<string, string> Texts, IReadOnlyList<string> Links);
