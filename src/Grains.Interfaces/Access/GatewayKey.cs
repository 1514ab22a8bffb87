using Orleans.Runtime;

namespace Rollbook;

/// <summary>The API key or token of a client over the gateway, which goes with each of its calls.</summary>
internal static class GatewayKey
{
    private const string Key = "rollbook.key";

    /// <summary>Sends a key or token with the calls of this flow of control.</summary>
    public static void Set(string apiKey) => RequestContext.Set(Key, apiKey);

    /// <summary>Takes that of the current call, so that it goes no further; null = it has none.</summary>
    public static string? Take()
    {
        var key = RequestContext.Get(Key) as string;
        RequestContext.Remove(Key);
        return key;
    }
}
