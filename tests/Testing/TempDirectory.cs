namespace Rollbook.Testing;

/// <summary>A new directory under the system's temporary one, removed with all that is in it.</summary>
public sealed class TempDirectory : IDisposable
{
    /// <summary>Its whole path.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("rollbook-").FullName;

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Path, recursive: true);
}
