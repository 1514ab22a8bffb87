using System.Buffers;

namespace Rollbook.Silo.Http;

/// <summary>What may stand in a path, by allow-list.</summary>
internal static class PathNames
{
    private const int MaxWorker = 128;
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~:@+-";

    private static readonly SearchValues<char> Allowed = SearchValues.Create(Letters);

    /// <summary>Checks a worker's name.</summary>
    /// <exception cref="RefusedException">It is not <c>[A-Za-z0-9._~:@+-]{1,128}</c>.</exception>
    public static string Worker(string worker) => IsName(worker, MaxWorker)
        ? worker
        : throw RefusedException.BadRequest("A worker's name is 1 to 128 characters of A-Z a-z 0-9 . _ ~ : @ + -");

    /// <summary>Checks a worker's name in a body.</summary>
    /// <exception cref="BadJsonException">It is not what a path may hold.</exception>
    public static string WorkerField(string field, string worker) => IsName(worker, MaxWorker)
        ? worker
        : throw JsonFields.Wrong(field, "must be 1 to 128 characters of A-Z a-z 0-9 . _ ~ : @ + -");

    /// <summary>The key of the episode that a path names, in the caller's project.</summary>
    /// <exception cref="RefusedException">It is not a ULID.</exception>
    public static EpisodeKey Episode(HttpContext http, string id) => EpisodeId.TryParse(id, out var parsed)
        ? new EpisodeKey(CallerProject.Of(http), parsed)
        : throw RefusedException.BadRequest("An episode id is a ULID: 26 characters of Crockford's base 32.");

    private static bool IsName(string text, int max) => text.Length > 0 && text.Length <= max && !text.AsSpan().ContainsAnyExcept(Allowed);
}
