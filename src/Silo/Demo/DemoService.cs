using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Rollbook.Client;
using Spectre.Console;

namespace Rollbook.Silo.Demo;

/// <summary>
/// Plays the demo against this very process: simulated workers record through its HTTP API while a summary is shown. With
/// <see cref="DemoOptions.Exit"/> it stops the host when enough episodes have ended.
/// </summary>
internal sealed class DemoService(
    IServer server, IHostApplicationLifetime lifetime, DemoOptions options, IAnsiConsole console, TimeProvider time) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        try
        {
            await StartedAsync(stopping.Token);
            var address = Address();
            using var client = new RollbookHttpClient(
                new RollbookHttpOptions { BaseAddress = new Uri(address), TimeProvider = time, JitterSeed = options.Seed });
            await client.WaitUntilReadyAsync(stopping.Token);
            await PlayAsync(client, address, stopping.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    private async Task PlayAsync(RollbookHttpClient client, string address, CancellationToken stopping)
    {
        var board = new DemoBoard(time, options.Exit);
        var screen = new DemoScreen(console, board, options, time);
        using var leave = new CancellationTokenSource();
        using var dark = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var run = $"{options.Name}-{time.GetUtcNow():yyyyMMdd'T'HHmmss}";
        screen.Write([$"{options.Workers} simulated workers record every step at {address}.", "Ctrl+C ends the demo."]);

        var workers = Enumerable.Range(0, options.Workers)
            .Select(index => new DemoWorker(index, run, client, options, board, time).RunAsync(leave.Token, stopping))
            .ToList();
        var shown = screen.RunAsync(address, dark.Token);
        var questions = new DemoQuestions(client, time);
        var hints = options.Exit is null ? HintAsync(board, screen, address, questions, stopping) : Task.CompletedTask;
        try
        {
            await Task.WhenAny(board.Full, Task.WhenAll(workers)).WaitAsync(stopping);
            await leave.CancelAsync();
            await Task.WhenAll(workers);
        }
        finally
        {
            await dark.CancelAsync();
            await shown;
            await hints.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            screen.Write(BoardText.Closing(board.Read()));
        }

        // While it still serves: behind a Ctrl+C it doesn't, and the answers after the first group have to do.
        screen.Write(await questions.AskAsync(stopping));
        lifetime.StopApplication();
    }

    private static async Task HintAsync(DemoBoard board, DemoScreen screen, string address, DemoQuestions questions, CancellationToken stopping)
    {
        screen.Write(NextSteps.Lines(address, await board.FirstGroup.WaitAsync(stopping)));
        screen.Write(await questions.AskAsync(stopping));
    }

    private async Task StartedAsync(CancellationToken cancellationToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(cancellationToken);
    }

    // A silo that listens on every address is reached by this process over loopback.
    private string Address()
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        var first = addresses.FirstOrDefault(address => address.StartsWith("http://", StringComparison.Ordinal))
            ?? throw new InvalidOperationException("The demo needs an http:// address among --urls.");
        var parsed = BindingAddress.Parse(first);
        return parsed.Host is "*" or "+" or "0.0.0.0" or "[::]" or "localhost"
            ? $"http://127.0.0.1:{parsed.Port}"
            : $"http://{parsed.Host}:{parsed.Port}";
    }
}
