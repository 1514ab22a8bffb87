namespace Rollbook.Simulation.Tests.Objects;

/// <summary>Calls whose outcome may be unknown.</summary>
internal static class Unknown
{
    /// <summary>The result, or null where none is known.</summary>
    public static async Task<T?> OrNullAsync<T>(this Task<T> call)
        where T : struct
    {
        try
        {
            return await call;
        }
        catch (TimeoutException)
        {
            return null;
        }
    }
}
