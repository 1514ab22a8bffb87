using Microsoft.Extensions.DependencyInjection.Extensions;
using Spectre.Console;

namespace Rollbook.Silo.Demo;

/// <summary>Adds the demo to a silo.</summary>
internal static class DemoServices
{
    /// <summary>Adds the demo's workers and its summary; they begin when the host has started.</summary>
    public static IServiceCollection AddDemo(this IServiceCollection services, DemoOptions options)
    {
        if (options.Workers < EpisodePlan.GroupSize || options.Workers % EpisodePlan.GroupSize != 0)
            throw new ArgumentException($"The demo needs workers in eights, not {options.Workers}.", nameof(options));
        if (options.Exit is < 1)
            throw new ArgumentException("--exit takes a number of episodes of 1 or more.", nameof(options));
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(_ => AnsiConsole.Console);
        services.AddSingleton(options);
        return services.AddHostedService<DemoService>();
    }
}
