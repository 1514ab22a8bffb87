namespace Rollbook.Cli;

/// <summary>A way into the recorder under measurement.</summary>
internal interface IBenchTarget : IAsyncDisposable
{
    /// <summary>The way and the client that takes it, for the report.</summary>
    string Description { get; }

    /// <summary>Starts an episode and fills in its id, epoch and next ordinal.</summary>
    Task StartAsync(LoadEpisode episode, CancellationToken cancellation);

    /// <summary>Sends until the run has nothing more for any episode. Every step that was sent is acknowledged when it returns.</summary>
    /// <exception cref="CliException">The recorder refused a step.</exception>
    Task SendAsync(LoadRun run, CancellationToken cancellation);

    /// <summary>Makes the cheapest calls of the same way, as many at once as the run makes, and returns their number.</summary>
    Task<long> CallAsync(IReadOnlyList<LoadEpisode> episodes, TimeSpan length, CancellationToken cancellation);

    /// <summary>The episode's recorded steps as JSON objects, in order.</summary>
    IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(LoadEpisode episode, CancellationToken cancellation);

    /// <summary>Ends an episode; refused if a step is missing.</summary>
    Task EndAsync(LoadEpisode episode, CancellationToken cancellation);
}
