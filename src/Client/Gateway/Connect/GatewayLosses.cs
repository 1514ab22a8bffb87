namespace Rollbook.Client;

/// <summary>
/// Ends the recorder's calls that are under way when a connection to a gateway is lost: nobody answers those that went over it, and they would wait for their time-out.
/// Which went over it is not told, so all end as unknown and are sent again, which is harmless: a step is never recorded twice.
/// </summary>
internal sealed class GatewayLosses : IClusterConnectionStatusObserver, IOutgoingGrainCallFilter
{
    private CancellationTokenSource next = new();

    /// <inheritdoc/>
    public void NotifyGatewayCountChanged(int currentNumberOfGateways, int previousNumberOfGateways, bool connectionRecovered)
    {
        if (currentNumberOfGateways >= previousNumberOfGateways) return;
        // Not on this thread, which closes the connection. Not disposed of either: a call may be registering itself at this moment.
        _ = Interlocked.Exchange(ref next, new CancellationTokenSource()).CancelAsync();
    }

    /// <inheritdoc/>
    public void NotifyClusterConnectionLost()
    {
        // The count has told it.
    }

    /// <inheritdoc/>
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        var lost = context.InterfaceMethod.DeclaringType?.Assembly == typeof(IEpisodeGrain).Assembly ? Volatile.Read(ref next).Token : CancellationToken.None;
        var call = context.Invoke();
        try
        {
            await call.WaitAsync(lost).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (lost.IsCancellationRequested && !call.IsCompleted)
        {
            // How it ends is nobody's matter any more.
            _ = call.ContinueWith(
                static late => _ = late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            throw new IOException("The connection to the recorder's gateway was lost before the answer came.");
        }
    }
}
