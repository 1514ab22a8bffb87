namespace Rollbook.Archive;

/// <summary>One file of the cache. Its cache's lock guards it.</summary>
internal sealed class CachedFile(string name, string path)
{
    /// <summary>The object's name in the archive.</summary>
    public string Name => name;

    /// <summary>Where the file lies, or will.</summary>
    public string Path => path;

    /// <summary>Its length; 0 while it is being fetched.</summary>
    public long Length { get; set; }

    /// <summary>Whether it is there whole.</summary>
    public bool IsThere { get; set; }

    /// <summary>Ends when the file is there, or could not be fetched.</summary>
    public Task Fetched { get; set; } = Task.CompletedTask;

    /// <summary>Who has it open at this moment.</summary>
    public int Users { get; set; }

    /// <summary>When its path was last asked for, as a timestamp.</summary>
    public long AskedAt { get; set; }

    /// <summary>Its place among the last used ones.</summary>
    public LinkedListNode<CachedFile>? Node { get; set; }
}
