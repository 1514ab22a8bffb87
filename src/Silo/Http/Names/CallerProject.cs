namespace Rollbook.Silo.Http;

/// <summary>The tenant that a request belongs to: the one place that will take it from the caller's credential.</summary>
internal static class CallerProject
{
    /// <summary>The caller's project.</summary>
    public static string Of(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return EpisodeKey.DefaultProject;
    }
}
