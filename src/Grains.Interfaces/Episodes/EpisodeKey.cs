namespace Rollbook;

/// <summary>What names an episode everywhere: in grain keys, headers, frames and paths.</summary>
/// <param name="Project">The tenant, <c>default</c> where there is only one.</param>
/// <param name="Id">The episode within it.</param>
[GenerateSerializer, Immutable, Alias("rollbook.EpisodeKey")]
public readonly record struct EpisodeKey([property: Id(0)] string Project, [property: Id(1)] EpisodeId Id)
{
    /// <summary>The project of a recorder that has only one.</summary>
    public const string DefaultProject = "default";

    /// <summary>The grain key, <c>{project}/{ulid}</c>.</summary>
    public override string ToString() => $"{Project}/{Id}";

    /// <summary>Reads a grain key.</summary>
    /// <exception cref="FormatException">The text is not <c>{project}/{ulid}</c>.</exception>
    public static EpisodeKey Parse(string grainKey)
    {
        var slash = grainKey.IndexOf('/');
        if (slash <= 0) throw new FormatException($"'{grainKey}' is not an episode key: project/ulid is expected.");
        return new EpisodeKey(grainKey[..slash], EpisodeId.Parse(grainKey[(slash + 1)..]));
    }
}
