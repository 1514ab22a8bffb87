namespace Rollbook.Cluster;

/// <summary>Who has a duty.</summary>
/// <param name="Mine">Whether it is the silo that asked.</param>
/// <param name="Packed">Dead logs that some silo knows to be packed.</param>
[GenerateSerializer, Immutable, Alias("rollbook.DutyReply")]
internal readonly record struct DutyReply([property: Id(0)] bool Mine, [property: Id(1)] string[] Packed);
