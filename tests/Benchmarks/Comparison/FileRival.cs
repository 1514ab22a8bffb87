using Rollbook.Cli;
using Rollbook.StepLog;

namespace Rollbook.Benchmarks;

/// <summary>What a recorder without a server does: each episode appends to a file of its own and flushes it.</summary>
internal sealed class FileRival(string directory) : Rival
{
    public override string Name => "JSON Lines file per episode, flushed";

    public static Task<Rival> StartAsync(string directory) => Task.FromResult<Rival>(new FileRival(directory));

    public override Task<IEpisodeWriter> OpenAsync(int episode) => Task.FromResult<IEpisodeWriter>(new Writer(Path.Combine(directory, $"{episode}.jsonl")));

    public override Task<long> CountAsync() => Task.FromResult(Directory.EnumerateFiles(directory).Sum(static file => File.ReadLines(file).LongCount()));

    // It runs within the client.
    public override double CpuSeconds() => 0;

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Writer(string path) : IEpisodeWriter
    {
        private readonly Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
        private byte[] buffer = [];
        private long end;

        public Task AppendAsync(StepPool pool, LoadEpisode episode)
        {
            var size = StepPool.Length(episode.Next, episode.Pending) + episode.Pending;
            if (buffer.Length < size) buffer = new byte[size];
            var at = 0;
            for (var i = 0; i < episode.Pending; i++)
            {
                at += pool.Write(episode.Number, episode.Next + i, buffer.AsSpan(at));
                buffer[at++] = (byte)'\n';
            }

            RandomAccess.Write(file, buffer.AsSpan(0, at), end);
            NativeDisk.Flush(file);
            end += at;
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            file.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
