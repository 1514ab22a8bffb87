namespace Rollbook.Archive;

/// <summary>A file of the archive was written by a newer release in a format that this one doesn't know. Nothing is wrong with it: use that release or a newer one.</summary>
/// <param name="file">Its name.</param>
/// <param name="version">The format's number.</param>
public sealed class PackVersionException(string file, string version)
    : IOException($"'{file}' has the format {version}, and this release reads up to {PackFormat.Version}. Use the release that wrote it or a newer one.")
{
    /// <summary>The file's name.</summary>
    public string File => file;
}
