using Rollbook.Cli;

namespace Rollbook.Benchmarks;

/// <summary>A store that is measured beside the recorder, with the same steps: each acknowledgement means that the steps are flushed.</summary>
internal abstract class Rival : IAsyncDisposable
{
    public abstract string Name { get; }

    /// <summary>Episodes that it can serve at once.</summary>
    public virtual int MaxEpisodes => int.MaxValue;

    /// <summary>Opens what one episode needs; then steps are sent by it alone.</summary>
    public abstract Task<IEpisodeWriter> OpenAsync(int episode);

    /// <summary>Steps that it holds now.</summary>
    public abstract Task<long> CountAsync();

    /// <summary>CPU seconds that its processes have used.</summary>
    public abstract double CpuSeconds();

    public abstract ValueTask DisposeAsync();
}

/// <summary>Appends steps to one episode of a store, one call at a time.</summary>
internal interface IEpisodeWriter : IAsyncDisposable
{
    /// <summary>Returns when the steps are durable.</summary>
    Task AppendAsync(StepPool pool, LoadEpisode episode);
}
