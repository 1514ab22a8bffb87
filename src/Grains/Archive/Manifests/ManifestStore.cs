using System.Collections.Concurrent;

namespace Rollbook.Archive;

/// <summary>Reads and changes the manifests. Every change is one compare-and-swap, so that any number of archivers may try.</summary>
/// <param name="store">Where they are stored.</param>
/// <param name="publish">Publishes a project's pack together with those of other silos, and says whether it counts; null = each by itself.</param>
public sealed class ManifestStore(IArchiveStore store, Func<string, Pack, Task<bool>>? publish = null)
{
    private readonly ConcurrentDictionary<string, Manifest> known = new(StringComparer.Ordinal);

    /// <summary>The newest manifest that this process has seen; read where it has seen none.</summary>
    public async ValueTask<Manifest> KnownAsync(string project, CancellationToken cancellation) =>
        known.TryGetValue(project, out var manifest) ? manifest : await ReadAsync(project, cancellation);

    /// <summary>The manifest as it is stored; an empty one where there is none.</summary>
    /// <exception cref="PackVersionException">A newer release wrote it.</exception>
    /// <exception cref="PackDamagedException">It is damaged.</exception>
    public async ValueTask<Manifest> ReadAsync(string project, CancellationToken cancellation)
    {
        await using var stored = await store.OpenAsync(ArchivePaths.Manifest(project), cancellation);
        if (stored is null) return Manifest.Empty;
        var bytes = new byte[stored.Length];
        await stored.Content.ReadExactlyAsync(bytes, cancellation);
        try
        {
            return Keep(project, ManifestCodec.Read(bytes, stored.ETag));
        }
        catch (Exception damage) when (damage is System.Text.Json.JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            throw new PackDamagedException(
                ArchivePaths.Manifest(project), null, $"{damage.Message} Its packs are whole; 'rollbook verify' on the stopped data directory says what can be done.", damage);
        }
    }

    /// <summary>Changes the manifest until it is stored.</summary>
    /// <param name="project">The project.</param>
    /// <param name="change">A pure function from the stored manifest to the wanted one; null = the change doesn't fit what is stored, and nothing is written.</param>
    /// <param name="cancellation">Ends the tries.</param>
    /// <returns>The stored manifest; null where the change didn't fit.</returns>
    public async ValueTask<Manifest?> ChangeAsync(string project, Func<Manifest, Manifest?> change, CancellationToken cancellation)
    {
        while (true)
        {
            var before = await ReadAsync(project, cancellation);
            if (change(before) is not { } wanted) return null;
            if (await store.ReplaceAsync(ArchivePaths.Manifest(project), ManifestCodec.Write(wanted), before.ETag, cancellation) is { } etag)
                return Keep(project, wanted with { ETag = etag });
        }
    }

    /// <summary>Publishes a pack.</summary>
    /// <returns>Whether it counts; false = it doesn't follow what is packed, since another archiver was there.</returns>
    public async ValueTask<bool> PublishAsync(string project, Pack pack, CancellationToken cancellation)
    {
        if (publish is null) return await ChangeAsync(project, manifest => manifest.With(pack), cancellation) is not null;
        var counts = await publish(project, pack).WaitAsync(cancellation);
        // What this process knows of the manifest is what its log forgets by.
        await ReadAsync(project, cancellation);
        return counts;
    }

    /// <summary>The projects that have a manifest. Looks at the name of every object: for the start of a process.</summary>
    public async ValueTask<IReadOnlyList<string>> ProjectsAsync(CancellationToken cancellation)
    {
        var projects = new List<string>();
        await foreach (var entry in store.ListAsync(ArchivePaths.Projects, cancellation))
            if (ArchivePaths.TryParseManifest(entry.Name, out var project)) projects.Add(project);
        return projects;
    }

    private Manifest Keep(string project, Manifest read) =>
        known.AddOrUpdate(project, read, (_, older) => older.Version > read.Version ? older : read);
}
