using Azure.Core.Pipeline;
using Microsoft.Extensions.Options;
using Rollbook.Azure;

namespace Rollbook.Testing;

/// <summary>Tables of the emulator that no other test has.</summary>
public static class AzuriteTables
{
    /// <summary>Options with new names.</summary>
    public static AzureOptions Options(Azurite azurite)
    {
        var options = new AzureOptions();
        Configure(options, azurite);
        return options;
    }

    /// <summary>Puts new names into options.</summary>
    public static void Configure(AzureOptions options, Azurite azurite)
    {
        options.ConnectionString = azurite.ConnectionString;
        options.MembershipTable = Azurite.NewName("silos");
        options.GrainStateTable = Azurite.NewName("states");
        options.HeaderTable = Azurite.NewName("headers");
        options.LogTable = Azurite.NewName("logs");
    }

    /// <summary>Connects, and makes the tables of stores.</summary>
    public static async Task<AzureTables> OpenAsync(AzureOptions options, params HttpPipelinePolicy[] policies)
    {
        var plain = Connect(options);
        await plain.PrepareAsync(plain.Headers, CancellationToken.None);
        await plain.PrepareAsync(plain.Logs, CancellationToken.None);
        await plain.PrepareAsync(plain.GrainState, CancellationToken.None);
        return Connect(options, policies);
    }

    /// <summary>Connects to tables that are there.</summary>
    public static AzureTables Connect(AzureOptions options, params HttpPipelinePolicy[] policies) => new(Microsoft.Extensions.Options.Options.Create(options), policies);
}
