using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Rollbook.Access;
using Rollbook.Hosting;

namespace Rollbook.Silo.Http;

/// <summary>Says who may use a route, and checks that it is said of each.</summary>
internal static class RouteAccessHosting
{
    /// <summary>Adds what the access check needs.</summary>
    public static IServiceCollection AddAccess(this IServiceCollection services)
    {
        services.AddOptions<AccessOptions>().BindConfiguration(AccessOptions.Section, static binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateDataAnnotations().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AccessOptions>, JwtOptionsCheck>());
        services.AddSingleton<TokenGate>();
        services.AddSingleton<TokenCheck>(static provider => provider.GetRequiredService<TokenGate>().CallerOfAsync);
        services.AddSingleton<CallerLimits>();
        services.AddSingleton(static provider => new AuditTrail(
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<AuditTrail>>(), provider.GetService<AuditLog>()));
        services.AddSingleton<KeyUseReport>();
        services.AddHostedService(static provider => provider.GetRequiredService<KeyUseReport>());
        services.AddSingleton<AccessGate>();
        services.AddKeyCopy();
        services.AddSingleton<KeyDesk>();
        return services;
    }

    /// <summary>Callers with any of these scopes may use the route.</summary>
    public static TRoute Requires<TRoute>(this TRoute route, AccessScopes anyOf, bool lasts = false, string? audit = null)
        where TRoute : IEndpointConventionBuilder => route.WithMetadata(new RouteAccess(anyOf) { Lasts = lasts, Audit = audit });

    /// <summary>Everybody may use the route, without a credential.</summary>
    public static TRoute OpenToAll<TRoute>(this TRoute route)
        where TRoute : IEndpointConventionBuilder => route.WithMetadata(new RouteAccess(AccessScopes.None));

    /// <summary>Checks that each route says who may use it.</summary>
    /// <exception cref="InvalidOperationException">One says nothing.</exception>
    public static void CheckAccess(this IEndpointRouteBuilder routes)
    {
        foreach (var route in routes.DataSources.SelectMany(static source => source.Endpoints).OfType<RouteEndpoint>())
        {
            if (route.Metadata.GetMetadata<RouteAccess>() is null)
                throw new InvalidOperationException($"The route {route.DisplayName} says nothing of who may use it: call Requires or OpenToAll where it is mapped.");
        }
    }
}
