namespace Rollbook;

/// <summary>The body of a patch.</summary>
internal static class PatchBody
{
    /// <summary>Reads it.</summary>
    /// <exception cref="BadJsonException">It is not what it should be.</exception>
    public static PatchEpisode Read(ReadOnlySpan<byte> body)
    {
        var fields = JsonFields.Read(body, "group_id", "attempt", "seed", "policy_version", "environment");
        return new PatchEpisode
        {
            GroupId = fields.Name("group_id"),
            Attempt = (int?)fields.Integer("attempt", 0, int.MaxValue),
            Seed = fields.Integer("seed"),
            PolicyVersion = fields.Name("policy_version"),
            Environment = fields.Name("environment"),
        };
    }
}
