namespace Rollbook.Silo.Http;

/// <summary>One row of the contract's table of errors.</summary>
/// <param name="Code">What a program acts on.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Retry">The same request may succeed later.</param>
/// <param name="Title">What happened.</param>
/// <param name="Cure">What to do.</param>
internal sealed record ProblemKind(string Code, int Status, bool Retry, string Title, string Cure)
{
    public static readonly ProblemKind BadJson = new("bad_json", 400, false, "The body is not what it should be.", "Correct the place that pointer names.");
    public static readonly ProblemKind BadRequest = new("bad_request", 400, false, "The path, query or a header is not valid.", "Correct the request.");
    public static readonly ProblemKind NotFound = new("not_found", 404, false, "No such route.", "See /openapi/v1.json for the routes.");
    public static readonly ProblemKind MethodNotAllowed = new("method_not_allowed", 405, false, "The route has no such method.", "See /openapi/v1.json for the routes.");
    public static readonly ProblemKind TooLarge = new("too_large", 413, false, "The request is over a limit.", "Send less at once.");
    public static readonly ProblemKind BadSql = new("bad_sql", 400, false, "The statement is not one that can be run.", "Correct the place that line and column name.");
    public static readonly ProblemKind QueryLimit = new("query_limit", 422, false, "The statement needs more than it may take.", "Filter before you join, group or sort.");
    public static readonly ProblemKind DeletionNotFound = new("deletion_not_found", 404, false, "No such deletion.", "There is no deletion with this receipt_id, which is what the deletion answered: check it.");
    public static readonly ProblemKind BadHash = new("bad_hash", 400, false, "The bytes have another hash than their name.", "Send them under their own hash; they may have been damaged on the way.");
    public static readonly ProblemKind BlobNotFound = new("blob_not_found", 404, false, "No such large value.", "PUT it to the same path first, or check the hash.");
    public static readonly ProblemKind UnsupportedEncoding = new("unsupported_encoding", 415, false, "The content encoding is not known.", "Send gzip, zstd or no Content-Encoding.");

    public static readonly ProblemKind Unauthenticated = new("unauthenticated", 401, false, "The credential is missing or not accepted.", "Send Authorization: Bearer KEY.");
    public static readonly ProblemKind Forbidden = new("forbidden", 403, false, "The credential may not do this.", "Use one with the scope that the route needs.");
    public static readonly ProblemKind KeyNotFound = new("key_not_found", 404, false, "No such key.", "Check the id.");
    public static readonly ProblemKind KeyNotValid = new("key_not_valid", 409, false, "The key is not valid any more.", "Make a new one.");
    public static readonly ProblemKind RateLimited = new("rate_limited", 429, true, "The credential asks for more than it may.", "Nothing was taken: send the same again after Retry-After.");

    private static readonly Dictionary<RollbookCode, ProblemKind> ByCode = new()
    {
        [RollbookCode.EpisodeNotFound] = new("episode_not_found", 404, false, "No such episode.", "Start it first, or check the id."),
        [RollbookCode.WorkerNotFound] = new("worker_not_found", 404, false, "No such worker.", "A worker is known from its first start on; check the name."),
        [RollbookCode.EpisodeDeleted] = new("episode_deleted", 410, false, "The episode was deleted.", "It was deleted: nothing of it is left, and its id is not used again. Start another one."),
        [RollbookCode.EpisodeRunning] = new("episode_running", 409, false, "The episode still runs.", "End it first, or say abort_running=true."),
        [RollbookCode.EpisodePinned] = new("episode_pinned", 409, false, "The episode is pinned.", "The label pinned protects it from being deleted: remove the label first."),
        [RollbookCode.OrdinalGap] = new("ordinal_gap", 409, false, "Steps are missing before these.", "Send the steps from expected on."),
        [RollbookCode.OrdinalConflict] = new("ordinal_conflict", 409, false, "Another step stands at that ordinal.", "Nothing is overwritten: read what stands at expected; two writers may share the episode."),
        [RollbookCode.EpisodeEnded] = new("episode_ended", 409, false, "The episode has ended.", "Start another one; a lost one can be resumed."),
        [RollbookCode.EpisodeExists] = new("episode_exists", 409, false, "The episode's id is taken.", "Another worker or another body created it: mint a new id."),
        [RollbookCode.EndConflict] = new("end_conflict", 409, false, "The episode has ended otherwise.", "Read its record: status, cause or score differ from these."),
        [RollbookCode.ScoreConflict] = new("score_conflict", 409, false, "The event id is taken.", "It was used with another body, or for a label or score: mint a new event id."),
        [RollbookCode.FieldConflict] = new("field_conflict", 409, false, "The episode has another value of that field.", "Nothing was set: read the record, and leave out the field that pointer names."),
        [RollbookCode.TooManyEvents] = new("too_large", 413, false, "The episode takes no more events.", $"An episode has at most {EventRules.MaxEvents:N0} score and label events."),
        [RollbookCode.TooManyLabels] = new("too_large", 413, false, "The episode takes no more labels.", $"An episode has at most {EventRules.MaxLabels} labels at a time: remove some first."),
        [RollbookCode.UnknownBlob] = new("unknown_blob", 400, false, "A step names a large value that is not here.", "Nothing was taken: PUT the value to /v1/blobs/{sha256}, then send the steps again."),
        [RollbookCode.WriterFenced] = new("writer_fenced", 409, false, "A newer writer has the episode.", "Stop this writer, or resume the episode to take it back."),
        [RollbookCode.WorkerBusy] = new("worker_busy", 409, true, "Another live writer uses this worker.", "Name the worker otherwise, wait for Retry-After, or say takeover: true."),
        [RollbookCode.IdempotencyConflict] = new("idempotency_conflict", 422, false, "The Idempotency-Key was used with another body.", "Use a new key for a new request."),
        [RollbookCode.Busy] = new("busy", 429, true, "The recorder has no room at the moment.", "Nothing was taken: send the same again after Retry-After."),
        [RollbookCode.Unavailable] = new("unavailable", 503, true, "The outcome is unknown.", "Send the same again after Retry-After: a step is never recorded twice."),
        [RollbookCode.Damaged] = new("damaged", 409, false, "A part of the episode is damaged where it is stored.", "Stop the recorder and run rollbook verify on its data directory."),
    };

    /// <summary>The row of a refusal.</summary>
    /// <exception cref="KeyNotFoundException">Ok has none.</exception>
    public static ProblemKind Of(RollbookCode code) => ByCode[code];
}
