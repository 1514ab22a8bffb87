using Rollbook.Archive;
using Rollbook.Testing;

namespace Rollbook.Grains.Tests.Archive;

/// <summary>Archives in temporary directories.</summary>
internal static class LocalArchive
{
    public static IStoreSubject<IArchiveStore> Subject(Func<IArchiveStore, IArchiveStore>? around = null)
    {
        var directory = new TempDirectory();
        return new ReopenedSubject<IArchiveStore>(
            () =>
            {
                var store = new LocalArchiveStore(Path.Combine(directory.Path, "archive"));
                return around is null ? store : around(store);
            },
            directory);
    }
}
