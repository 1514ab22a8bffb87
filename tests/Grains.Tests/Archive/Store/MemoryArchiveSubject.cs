using Rollbook.Archive;
using Rollbook.Testing;

namespace Rollbook.Grains.Tests.Archive;

/// <summary>A store in memory, which removes its temporary files in the end.</summary>
internal sealed class MemoryArchiveSubject : IStoreSubject<IArchiveStore>
{
    private readonly MemoryArchiveStore _store = new();

    public IArchiveStore Store => _store;

    public void Reopen()
    {
    }

    public void Dispose() => _store.Dispose();
}
