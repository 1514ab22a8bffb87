using Rollbook.Archive;
using Rollbook.Query;

namespace Rollbook.Silo.Http;

/// <summary>The services of queries and large values, which there are only where there is an archive.</summary>
internal static class ArchiveServices
{
    /// <summary>A service of queries.</summary>
    /// <exception cref="RefusedException">The archive is not configured.</exception>
    public static T Of<T>(IServiceProvider services)
        where T : notnull =>
        services.GetService<IQuerySources>() is not null
            ? services.GetRequiredService<T>()
            : throw new RefusedException(ProblemKind.Of(RollbookCode.Unavailable), "The archive is not configured: this recorder keeps no history to query.");

    /// <summary>The store of large values.</summary>
    /// <exception cref="RefusedException">The archive is not configured.</exception>
    public static BlobStore Blobs(IServiceProvider services) => services.GetService<BlobStore>()
        ?? throw new RefusedException(ProblemKind.Of(RollbookCode.Unavailable), "The archive is not configured: this recorder keeps no large values.");
}
