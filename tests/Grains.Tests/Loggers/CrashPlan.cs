namespace Rollbook.Grains.Tests.Loggers;

/// <summary>Thrown where a process ends between two calls.</summary>
internal sealed class CrashException() : Exception("crash");

/// <summary>Decides from a seed which call ends the process, before or after it took effect, and which one is refused.</summary>
internal sealed class CrashPlan(Random random)
{
    private const int OneIn = 24;

    public bool Armed { get; set; }

    public int Crashes { get; private set; }

    public Task<T> CallAsync<T>(Func<T> apply, Func<T>? refuse = null)
    {
        var fate = Armed ? random.Next(OneIn) : OneIn;
        if (fate == 0) return Task.FromException<T>(Crash());
        if (fate == 1 && refuse is not null) return Task.FromResult(refuse());
        var result = apply();
        return fate == 2 ? Task.FromException<T>(Crash()) : Task.FromResult(result);
    }

    private CrashException Crash()
    {
        Crashes++;
        return new CrashException();
    }
}
