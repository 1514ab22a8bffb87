namespace Rollbook.Client;

/// <summary>The recorder knows no such episode: check the id, the project and the data directory.</summary>
public sealed class EpisodeNotFoundException : RefusedException
{
    internal EpisodeNotFoundException(string code, string message)
        : base(code, message)
    {
    }
}
