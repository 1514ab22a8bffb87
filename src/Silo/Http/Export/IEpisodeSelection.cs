namespace Rollbook.Silo.Http;

/// <summary>Which episodes an export holds.</summary>
internal interface IEpisodeSelection
{
    /// <summary>Whether one episode was asked for by its id: it is then a file of its own, not one among many.</summary>
    bool IsOne { get; }

    /// <summary>What a file of them is called, without its extension: letters that every file system takes.</summary>
    string Name { get; }

    /// <summary>Whether one that is gone when its turn comes is passed over: nobody asked for it by its id.</summary>
    bool MayVanish { get; }

    /// <summary>Whether one that is damaged is left out and named at the end of the file; else it ends the export.</summary>
    bool LeavesOutDamaged { get; }

    /// <summary>Names of the logs that did not answer, known from the first key on: what only they hold is missing.</summary>
    IReadOnlyList<string> Missing { get; }

    /// <summary>Their keys, each once, ascending by id.</summary>
    /// <param name="after">Only ids behind this one; null = all.</param>
    /// <param name="cancellation">Ends the sequence.</param>
    /// <exception cref="RefusedException">One that was named isn't there; before the first key.</exception>
    IAsyncEnumerable<EpisodeKey> ReadAsync(EpisodeId? after, CancellationToken cancellation);
}
