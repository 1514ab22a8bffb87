namespace Rollbook.Client;

/// <summary>This episode id was created by another worker or with another content: mint another id, or resume it.</summary>
public sealed class EpisodeExistsException : RefusedException
{
    internal EpisodeExistsException(string code, string message)
        : base(code, message)
    {
    }
}
