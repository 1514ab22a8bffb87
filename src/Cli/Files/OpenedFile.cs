namespace Rollbook.Cli;

/// <summary>Opens files that are read from front to back.</summary>
internal static class OpenedFile
{
    /// <exception cref="ImportException">It can't be read.</exception>
    public static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImportException(e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file." : e.Message);
        }
    }
}
