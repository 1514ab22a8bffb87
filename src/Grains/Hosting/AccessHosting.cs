using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Rollbook.Access;

namespace Rollbook.Hosting;

/// <summary>Registers the access check of grain calls.</summary>
internal static class AccessHosting
{
    /// <summary>Limits each grain call to the project and scopes of its caller. Only where credentials are asked for: it costs each call something.</summary>
    public static ISiloBuilder LimitGrainCalls(this ISiloBuilder silo)
    {
        silo.Services.AddKeyCopy();
        return silo.AddIncomingGrainCallFilter<AccessFilter>();
    }

    /// <summary>The silo's copy of the API keys.</summary>
    public static IServiceCollection AddKeyCopy(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<KeyCopy>();
        return services;
    }
}
