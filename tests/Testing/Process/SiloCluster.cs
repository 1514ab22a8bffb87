using System.Globalization;
using Azure.Data.Tables;
using Rollbook.Azure;
using Rollbook.Episodes;
using Rollbook.StepLog;

namespace Rollbook.Testing;

/// <summary>
/// Silos in processes of their own over one storage account, each at an HTTP address and a gateway that it has again after a restart. The port between silos is another
/// one each time, as after a move to another machine: who stays finds out by itself that the last one is gone.
/// </summary>
internal sealed class SiloCluster : IAsyncDisposable
{
    private readonly TempDirectory directory = new();
    private readonly Dictionary<string, string> environment;
    private readonly SiloProcess?[] silos;
    private readonly AzureOptions tables = new();
    private readonly AzureBlobOptions blobs;
    private readonly AzureTables connected;
    private volatile bool over;

    /// <summary>Starts nothing yet.</summary>
    /// <param name="azurite">The emulator; the cluster has names of its own in it.</param>
    /// <param name="count">How many silos.</param>
    /// <param name="settings">What their environment has besides.</param>
    /// <param name="storage">The connection string by which they reach the emulator; null: as the tests do.</param>
    public SiloCluster(Azurite azurite, int count, IReadOnlyDictionary<string, string>? settings = null, string? storage = null)
    {
        AzuriteTables.Configure(tables, azurite);
        blobs = new AzureBlobOptions { LogContainer = Azurite.NewName("log"), ArchiveContainer = Azurite.NewName("archive") };
        silos = new SiloProcess?[count];
        Places = [.. Enumerable.Range(0, count).Select(_ => SiloPorts.Free() with { Silo = 0 })];
        Id = Azurite.NewName("cluster");
        environment = new Dictionary<string, string>
        {
            ["ROLLBOOK_STORAGE"] = "azure",
            ["ROLLBOOK_CLUSTER_ID"] = Id,
            ["Rollbook__Azure__ConnectionString"] = storage ?? azurite.ConnectionString,
            ["Rollbook__Azure__MembershipTable"] = tables.MembershipTable,
            ["Rollbook__Azure__GrainStateTable"] = tables.GrainStateTable,
            ["Rollbook__Azure__HeaderTable"] = tables.HeaderTable,
            ["Rollbook__Azure__LogTable"] = tables.LogTable,
            ["Rollbook__Azure__Blobs__LogContainer"] = blobs.LogContainer,
            ["Rollbook__Azure__Blobs__ArchiveContainer"] = blobs.ArchiveContainer,
        };
        foreach (var (name, value) in settings ?? new Dictionary<string, string>()) environment[name] = value;
        connected = AzuriteTables.Connect(tables);
        Headers = new AzureHeaderStore(connected.Headers, "default", TimeProvider.System);
        Logs = new AzureLogRegistry(connected.Logs, "default", TimeProvider.System);
    }

    /// <summary>Where it is kept what silos said; null: nowhere.</summary>
    public static string? OutputDirectory { get; } =
        Environment.GetEnvironmentVariable("ROLLBOOK_SILO_OUTPUT") is { Length: > 0 } output ? Directory.CreateDirectory(output).FullName : null;

    /// <summary>The cluster's id.</summary>
    public string Id { get; }

    /// <summary>How many silos it has when all run.</summary>
    public int Count => silos.Length;

    /// <summary>The addresses of each silo.</summary>
    public SiloPorts[] Places { get; }

    /// <summary>What is run before each silo's command, such as the entrance to a network; null: nothing.</summary>
    public Func<int, IReadOnlyList<string>>? Under { get; init; }

    /// <summary>What a silo's environment has besides those of all; null: nothing.</summary>
    public Func<int, IReadOnlyDictionary<string, string>>? Each { get; init; }

    /// <summary>The names of its tables.</summary>
    public AzureOptions Tables => tables;

    /// <summary>The names of its containers.</summary>
    public AzureBlobOptions Containers => blobs;

    /// <summary>The headers, as a silo sees them.</summary>
    public IHeaderStore Headers { get; }

    /// <summary>The table of headers.</summary>
    public TableClient HeaderTable => connected.Headers;

    /// <summary>The registry of logs.</summary>
    public ILogRegistry Logs { get; }

    /// <summary>All addresses of the API, as clients take them.</summary>
    public string Urls => string.Join(',', Places.Select(place => $"http://{place.Host}:{place.Http}"));

    /// <summary>All gateways, as clients take them.</summary>
    public string Gateways => string.Join(',', Places.Select(place => $"{place.Host}:{place.Gateway}"));

    /// <summary>The silo at a place; it must run.</summary>
    public SiloProcess this[int place] => silos[place] ?? throw new InvalidOperationException($"The silo at place {place} does not run.");

    /// <summary>Starts all silos and waits until each is ready.</summary>
    public Task StartAsync() => Task.WhenAll(Enumerable.Range(0, Count).Select(StartAsync));

    /// <summary>Starts the silo at a place and waits until it is ready.</summary>
    public async Task<SiloProcess> StartAsync(int place)
    {
        await EndAsync(place);
        ObjectDisposedException.ThrowIf(over, this);
        var data = Path.Combine(directory.Path, place.ToString(CultureInfo.InvariantCulture));
        var variables = new Dictionary<string, string>(environment);
        foreach (var (name, value) in Each?.Invoke(place) ?? new Dictionary<string, string>()) variables[name] = value;
        var silo = silos[place] = await SiloProcess.StartAsync(data, variables, Under?.Invoke(place), Places[place]);
        // What a silo said tells why a test failed: the message of one has only the last lines.
        if (OutputDirectory is not null) silo.Output.KeepIn(Path.Combine(OutputDirectory, string.Create(CultureInfo.InvariantCulture, $"{Id}-{place}-{silo.Id}.txt")));
        if (over) await EndAsync(place);
        ObjectDisposedException.ThrowIf(over, this);
        return silo;
    }

    /// <summary>What each silo that runs, or that was not started again, said last; for the message of a test that failed.</summary>
    public string Tell() => string.Join('\n', silos.Select((silo, place) =>
        silo is null ? $"The silo at place {place} is starting." : $"The silo at place {place}, process {silo.Id}{(silo.HasExited ? ", which ended" : "")}, said last:\n{silo.Output}"));

    /// <summary>The place whose silo has the episode's newest term; null where that one runs no more.</summary>
    public async Task<int?> OwnerAsync(string episode)
    {
        var header = await Headers.ReadAsync(new EpisodeKey(EpisodeKey.DefaultProject, EpisodeId.Parse(episode)), CancellationToken.None)
            ?? throw new InvalidOperationException($"The episode {episode} has no header.");
        return await PlaceOfAsync(header.Owner);
    }

    /// <summary>The log of the silo at a place.</summary>
    public async Task<LogId> LogOfAsync(int place)
    {
        foreach (var row in await Logs.ListAsync([LogState.Open], CancellationToken.None))
            if (row.ProcessId == this[place].Id) return row.Log;
        throw new InvalidOperationException($"The silo at place {place} has no open log.");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Whoever starts silos again is not to do so any more.
        over = true;
        for (var place = 0; place < silos.Length; place++) await EndAsync(place);
        directory.Dispose();
    }

    private async Task EndAsync(int place)
    {
        if (silos[place] is not { } silo) return;
        silos[place] = null;
        await silo.DisposeAsync();
    }

    private async Task<int?> PlaceOfAsync(LogId log)
    {
        var row = await Logs.ReadAsync(log, CancellationToken.None) ?? throw new InvalidOperationException($"The log {log} has no row.");
        var place = Array.FindIndex(silos, silo => silo is { HasExited: false } && silo.Id == row.ProcessId);
        return place < 0 ? null : place;
    }
}
