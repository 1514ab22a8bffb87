namespace Rollbook.Episodes;

/// <summary>The rules of a patch, as a pure function.</summary>
internal static class RecordPatch
{
    /// <summary>The record with the fields that it lacks; the very same where it lacks none of them.</summary>
    /// <param name="record">The record.</param>
    /// <param name="patch">What is asked for.</param>
    /// <param name="conflict">The first field that has another value: then the record stays as it is. Null = none.</param>
    public static EpisodeRecord Apply(EpisodeRecord record, PatchEpisode patch, out string? conflict)
    {
        conflict =
            Differs(record.GroupId, patch.GroupId) ? "group_id"
            : Differs(record.Attempt, patch.Attempt) ? "attempt"
            : Differs(record.Seed, patch.Seed) ? "seed"
            : Differs(record.PolicyVersion, patch.PolicyVersion) ? "policy_version"
            : Differs(record.Environment, patch.Environment) ? "environment"
            : null;
        if (conflict is not null) return record;
        var patched = record with
        {
            GroupId = record.GroupId ?? patch.GroupId,
            Attempt = record.Attempt ?? patch.Attempt,
            Seed = record.Seed ?? patch.Seed,
            PolicyVersion = record.PolicyVersion ?? patch.PolicyVersion,
            Environment = record.Environment ?? patch.Environment,
        };
        return patched == record ? record : patched;
    }

    private static bool Differs<T>(T? recorded, T? wanted) => recorded is not null && wanted is not null && !EqualityComparer<T>.Default.Equals(recorded, wanted);
}
