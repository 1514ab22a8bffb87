using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Orleans.Configuration;
using Rollbook.Archive;
using Rollbook.Azure;
using Rollbook.Cluster;
using Rollbook.Hosting;
using Rollbook.Query;
using Rollbook.Silo.Dashboard;
using Rollbook.Silo.Demo;
using Rollbook.Silo.Doctor;
using Rollbook.Silo.Http;
using Rollbook.Silo.Telemetry;
using Rollbook.StepLog;

namespace Rollbook.Silo.Hosting;

/// <summary>Builds and runs the process: web server and silo in one.</summary>
internal static class SiloHost
{
    /// <summary>The exit code for options that can't be used.</summary>
    public const int BadOptions = 2;

    /// <summary>The exit code for a start that failed.</summary>
    public const int StartFailed = 1;

    /// <summary>Runs until it is told to stop.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="output">Takes the one line that tells that it is ready.</param>
    /// <param name="errors">Takes why it did not start.</param>
    /// <returns>The process's exit code.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        if (args is ["--help" or "-h" or "-?"])
        {
            await output.WriteAsync(Usage.Text());
            return 0;
        }

        WebApplication app;
        try
        {
            app = Build(args);
        }
        catch (BadOptionsException error)
        {
            await errors.WriteLineAsync(error.Message);
            return BadOptions;
        }
        catch (Exception error) when (StartFailure.Text(error) is { } text)
        {
            // The routes are mapped with the stores that they need: the data directory is taken here.
            await errors.WriteLineAsync(text);
            return StartFailed;
        }

        await using (app)
        {
            try
            {
                await StartAsync(app);
            }
            catch (Exception error) when (StartFailure.Text(error) is { } text)
            {
                await errors.WriteLineAsync(text);
                return StartFailed;
            }

            await output.WriteLineAsync(ReadyLine(app));
            await app.WaitForShutdownAsync();
        }

        return Environment.ExitCode;
    }

    /// <summary>Builds the process from the command line, the environment and the configuration files.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="configure">What the caller adds before it is built.</param>
    /// <param name="settings">Configuration that wins over all other.</param>
    /// <exception cref="BadOptionsException">An option is not what it should be.</exception>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null, IReadOnlyDictionary<string, string?>? settings = null)
    {
        var arguments = Settings.OfArguments(args);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(Settings.OfEnvironment(Environment.GetEnvironmentVariable));
        builder.Configuration.AddInMemoryCollection(arguments);
        if (settings is not null) builder.Configuration.AddInMemoryCollection(settings);
        var options = OptionsReader.Read(builder.Configuration);
        var otlp = OtlpSettings.Read(builder.Configuration);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(TimeProvider.System);
        AddLogging(builder, options);
        AddSilo(builder, options, otlp);
        AddWeb(builder, options);
        builder.AddOtlp(otlp);
        builder.Services.AddDoctor();
        builder.Services.AddDirectoryChecks();
        if (options.Demo) builder.Services.AddDemo(new DemoOptions { Exit = options.Exit, Name = options.DemoName });
        configure?.Invoke(builder);
        var app = builder.Build();
        app.MapEdge();
        if (options.Dashboard) app.MapDashboard();
        return app;
    }

    /// <summary>Starts the process; when it returns, requests are taken.</summary>
    public static async Task StartAsync(WebApplication app)
    {
        var readiness = app.Services.GetRequiredService<Readiness>();
        app.Lifetime.ApplicationStopping.Register(() => readiness.Set(false));
        // The silo is active, and older logs are fenced, before the web server listens: hosted services start in order.
        await app.StartAsync();
        app.Services.GetRequiredService<StepLogMeter>().Begin();
        app.Services.GetRequiredService<ArchiveMeter>().Begin();
        readiness.Set(true);
    }

    /// <summary>The line that scripts wait for.</summary>
    public static string ReadyLine(WebApplication app)
    {
        var options = app.Services.GetRequiredService<RollbookOptions>();
        var place = options.Storage == "azure" ? $"cluster: {options.ClusterId}" : $"data: {Path.GetFullPath(options.Data)}";
        return $"Rollbook is ready at {string.Join(" and ", app.Urls)} ({place})";
    }

    private static void AddLogging(WebApplicationBuilder builder, RollbookOptions options)
    {
        builder.Logging.ClearProviders();
        // Configuration's own levels come after this one and win.
        builder.Logging.AddFilter(null, LogLevel.Warning);
        // A failed start is told once, in a sentence.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        // Its first check counts from the machine's start and takes that for a stalled thread.
        builder.Logging.AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error);
        // It logs nothing at this level, but while it could, each request gets an Activity and a log scope that nobody reads.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Logging.AddConsole(options.LogFormat);
    }

    private static void AddSilo(WebApplicationBuilder builder, RollbookOptions options, OtlpSettings otlp)
    {
        builder.Services.AddSingleton<PoisonExit>();
        builder.Services.AddSingleton(provider => provider.GetRequiredService<PoisonExit>().Handler);
        var ports = FreePorts.Resolve(options.SiloPort, options.GatewayPort);
        builder.UseOrleans(silo =>
        {
            silo.AddTraces(otlp);
            if (options.Storage == "azure") UseCluster(silo, options);
            else silo.UseLocalhostClustering(ports[0], ports[1], null, options.ServiceId, options.ClusterId).AddRecorder().UseEmbeddedStorage(options.Data);
            // After the clustering, which sets loopback addresses of its own.
            silo.Configure<EndpointOptions>(endpoints =>
            {
                endpoints.AdvertisedIPAddress = IPAddress.Parse(options.AdvertisedAddress);
                (endpoints.SiloPort, endpoints.GatewayPort) = (ports[0], ports[1]);
            });
            if (options.Dashboard) silo.AddRollbookDashboard();
        });
        // Several silos of one machine may share a data directory for their caches; what queries spill is each one's own.
        if (options.Storage == "azure") builder.Services.PostConfigure<QueryOptions>(query => query.SpillDirectory ??= Path.Combine(options.Data, $"query-{ports[0]}"));
    }

    private static void UseCluster(ISiloBuilder silo, RollbookOptions options)
    {
        silo.Configure<Orleans.Configuration.ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (options.ClusterId, options.ServiceId));
        silo.UseAzureStorage().AddRecorder().UseRecorderCluster();
        silo.Services.AddOptions<AzureBlobOptions>().Configure(blobs => blobs.CacheDirectory = Path.Combine(options.Data, "cache")).BindConfiguration(AzureBlobOptions.Section);
        if (silo.Configuration.GetValue<bool>($"{Rollbook.Cluster.ClusterOptions.Section}:{nameof(Rollbook.Cluster.ClusterOptions.DistributedDirectory)}")) silo.AddDistributedGrainDirectory();
    }

    private static void AddWeb(WebApplicationBuilder builder, RollbookOptions options)
    {
        builder.Services.AddEdge(HostNames.Of(options));
        // Below the data directory, which this process alone holds.
        builder.Services.PostConfigure<QueryOptions>(query => query.SpillDirectory ??= Path.Combine(options.Data, "query"));
        // Under the ten seconds that supervisors give, with room for the process's own end. In a cluster the others are told, too, and the log's last blobs take their time.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(options.Storage == "azure" ? 30 : 8));
        builder.WebHost.UseUrls(options.Urls.Replace(',', ';'));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            var limits = kestrel.Limits;
            limits.MaxConcurrentConnections = 20_000;
            limits.MaxRequestBodySize = BodyReader.MaxBytes;
            limits.MaxRequestHeaderCount = 64;
            limits.MaxRequestHeadersTotalSize = 16 * 1024;
            limits.MaxRequestLineSize = 4 * 1024;
            limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
            // A caller that trickles its body holds memory and a place.
            limits.MinRequestBodyDataRate = new MinDataRate(1024, TimeSpan.FromSeconds(10));
            limits.MinResponseDataRate = new MinDataRate(240, TimeSpan.FromSeconds(10));
        });
    }
}
