using System.Globalization;
using Rollbook.Benchmarks;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
return args switch
{
    ["log", .. var rest] => await LogBench.RunAsync(rest),
    ["idle", .. var rest] => await IdleBench.RunAsync(rest),
    ["long", .. var rest] => await LongEpisodeBench.RunAsync(rest),
    ["history", .. var rest] => await HistoryBench.RunAsync(rest),
    ["compare", .. var rest] => await Comparison.RunAsync(rest),
    ["packs", .. var rest] => await PacksBench.RunAsync(rest),
    ["reads", .. var rest] => await ReadsBench.RunAsync(rest),
    ["pace", .. var rest] => await PaceBench.RunAsync(rest),
    ["export", .. var rest] => await ExportBench.RunAsync(rest),
    ["cluster", .. var rest] => await ClusterBench.RunAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.WriteLine("""
        Benchmarks of the recorder's parts; run them in Release on a quiet machine.

          dotnet run -c Release --project tests/Benchmarks -- log [DIR] [--no-disk]   the write-ahead log alone, lockstep and batched
          dotnet run -c Release --project tests/Benchmarks -- idle [N]      memory of N open idle episodes (default 100000)
          dotnet run -c Release --project tests/Benchmarks -- long [N]      cost per step of one N-step episode (default 100000) against 50-step ones
          dotnet run -c Release --project tests/Benchmarks -- history [N] [DIR]   listings and statistics over N archived episodes (default 1000000); DIR keeps the files
          dotnet run -c Release --project tests/Benchmarks -- compare [--seconds S] [--episodes N] [--data DIR]   the same steps into files, Redis, PostgreSQL and the recorder
          dotnet run -c Release --project tests/Benchmarks -- export [N] [DIR]   N archived steps (default 500000) out through the HTTP API; DIR keeps the recorder's data
          dotnet run -c Release --project tests/Benchmarks -- cluster [N [SILOS…]] [--batched] [--lockstep] [--distributed-directory]   CPU-seconds per million steps of 1, 2 and 4 silo processes over Azurite, N steps a silo (default 200000)
          dotnet run -c Release --project tests/Benchmarks -- reads [N] [DIR]   single episodes and SQL out of N archived episodes (default 1000000), against DuckDB on the same files; DIR keeps the recorder's data
          dotnet run -c Release --project tests/Benchmarks -- pace [RATE] [SECONDS]   acknowledgements at RATE steps a second (default 50000) with and without archiving, its backlog, how it catches up
          dotnet run -c Release --project tests/Benchmarks -- packs [N] [--tune]   N steps (default 200000) into Parquet files and out again
        """);
    return 2;
}
