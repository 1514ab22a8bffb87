using System.Text.Json;

namespace Rollbook.Client;

/// <summary>From the recorder's codes to exceptions.</summary>
internal static class Refusal
{
    /// <summary>Whether the outcome is open and the same call is to be sent again.</summary>
    public static bool IsOpen(RollbookCode code) => code is RollbookCode.Unavailable or RollbookCode.Busy;

    /// <summary>Whether it is the credential that was refused and not what was asked: the same call is taken once the credential is right.</summary>
    public static bool IsOfCredential(RefusedException refusal) => refusal.Code is AccessDeniedException.Unauthenticated or AccessDeniedException.Forbidden;

    /// <summary>The exception of a final code.</summary>
    /// <param name="code">The code; neither Ok nor open.</param>
    /// <param name="what">What was refused, the beginning of a sentence.</param>
    /// <param name="expected">The next ordinal, or the one in conflict, where the answer had it.</param>
    public static RollbookException Of(RollbookCode code, string what, long? expected = null)
    {
        var name = JsonNamingPolicy.SnakeCaseLower.ConvertName(code.ToString());
        var message = $"{what} was refused ({name}): {Cure(code)}";
        RollbookException refusal = code switch
        {
            RollbookCode.EpisodeEnded => new EpisodeEndedException(name, message),
            RollbookCode.EndConflict => new EndConflictException(name, message),
            RollbookCode.WriterFenced => new WriterFencedException(name, message),
            RollbookCode.OrdinalGap or RollbookCode.OrdinalConflict or RollbookCode.Damaged => new OutOfStepException(name, message) { Expected = expected },
            RollbookCode.EpisodeNotFound => new EpisodeNotFoundException(name, message),
            RollbookCode.EpisodeExists => new EpisodeExistsException(name, message),
            _ => new RefusedException(name, message),
        };
        return refusal;
    }

    private static string Cure(RollbookCode code) => code switch
    {
        RollbookCode.EpisodeEnded => "it takes no more steps; start another episode, or resume a lost one.",
        RollbookCode.EndConflict => "it ended before with another score, cause or status, which stands.",
        RollbookCode.WriterFenced => "another writer has taken the episode over; stop this one, or start another episode.",
        RollbookCode.OrdinalGap => "steps are missing before it; resume the episode to go on where the recorder is.",
        RollbookCode.OrdinalConflict => "another step stands there and is never overwritten; resume the episode, or start another.",
        RollbookCode.Damaged => "the episode is damaged where it is stored; start another episode.",
        RollbookCode.EpisodeNotFound => "the recorder knows no such episode; check the id, the project and the recorder's data directory.",
        RollbookCode.EpisodeDeleted => "it was deleted, and its id is not used again; start another episode.",
        RollbookCode.WorkerNotFound => "the worker never started an episode.",
        RollbookCode.EpisodeExists => "the id was created by another worker or with another content; mint another, or resume it.",
        RollbookCode.IdempotencyConflict => "its key was used with another content.",
        RollbookCode.ScoreConflict => "its event id was used with another content; use another.",
        RollbookCode.TooManyEvents => "it has as many score and label events as an episode takes.",
        RollbookCode.TooManyLabels => "it would have more labels than an episode takes; take some away first.",
        RollbookCode.UnknownBlob => "it names a large value by a hash that the recorder doesn't have; keep the value first (KeepLargeValueAsync, or PUT /v1/blobs/{sha256}), or configure the recorder's archive.",
        _ => "the recorder is of another version than this client.",
    };
}
