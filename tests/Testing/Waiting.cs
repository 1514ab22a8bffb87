namespace Rollbook.Testing;

/// <summary>Waits with an end, whose message tells what was awaited.</summary>
internal static class Waiting
{
    /// <summary>Awaits a task for so long at most.</summary>
    /// <param name="task">What is awaited.</param>
    /// <param name="longest">How long.</param>
    /// <param name="missing">What has not happened by then, as a sentence without its end; asked only then.</param>
    /// <exception cref="TimeoutException">It did not complete in time.</exception>
    public static async Task WithinAsync(this Task task, TimeSpan longest, Func<string> missing)
    {
        try
        {
            await task.WaitAsync(longest, TimeProvider.System);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            throw new TimeoutException($"{missing()} within {longest.TotalSeconds:0} s.");
        }
    }

    /// <inheritdoc cref="WithinAsync(Task, TimeSpan, Func{string})"/>
    public static async Task<T> WithinAsync<T>(this Task<T> task, TimeSpan longest, Func<string> missing)
    {
        await ((Task)task).WithinAsync(longest, missing);
        return await task;
    }
}
