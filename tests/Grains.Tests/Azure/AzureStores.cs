using Azure.Core.Pipeline;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Messaging;
using Orleans.Serialization;
using Orleans.Serialization.Serializers;
using Orleans.Storage;
using Rollbook.Azure;
using Rollbook.Episodes;
using Rollbook.StepLog;
using Rollbook.Testing;

namespace Rollbook.Grains.Tests.Azure;

/// <summary>The providers over the emulator, as their suites take them.</summary>
internal static class AzureStores
{
    public const string Service = "service";

    private static readonly ServiceProvider Serializers = new ServiceCollection().AddSerializer().BuildServiceProvider();

    public static AzuriteSubject<IHeaderStore> Headers(Azurite azurite, params HttpPipelinePolicy[] policies) =>
        new(azurite, tables => new AzureHeaderStore(tables.Headers, Service, new PromptTime()), policies);

    public static AzuriteSubject<ILogRegistry> Registry(Azurite azurite, params HttpPipelinePolicy[] policies) =>
        new(azurite, tables => new AzureLogRegistry(tables.Logs, Service, new PromptTime()), policies);

    public static IGrainStorage State(Azurite azurite, bool text = false, params HttpPipelinePolicy[] policies)
    {
        using var subject = new AzuriteSubject<IGrainStorage>(azurite, tables => State(tables, text), policies);
        return subject.Store;
    }

    public static AzureTablesGrainStorage State(AzureTables tables, bool text = false)
    {
        var options = new AzureTablesGrainStorageOptions
        {
            UseStringFormat = text,
            GrainStorageSerializer = text ? new TextSerializer() : new OrleansGrainStorageSerializer(Serializers.GetRequiredService<Serializer>()),
        };
        return new AzureTablesGrainStorage("azure", options, tables.GrainState, Service, Serializers.GetRequiredService<IActivatorProvider>(), new PromptTime());
    }

    public static Func<string, (IMembershipTable Table, IGatewayListProvider Gateways)> Membership(Azurite azurite, int? pageSize = null, params HttpPipelinePolicy[] policies)
    {
        var options = AzuriteTables.Options(azurite);
        return cluster => Membership(AzuriteTables.Connect(options, policies), cluster, pageSize);
    }

    public static (IMembershipTable Table, IGatewayListProvider Gateways) Membership(AzureTables tables, string cluster, int? pageSize = null) =>
        (new AzureTablesMembership(tables, tables.Membership, cluster, pageSize, NullLogger<AzureTablesMembership>.Instance),
            new AzureTablesGateways(tables, tables.Membership, cluster, TimeSpan.FromMinutes(1)));

    /// <summary>A serializer that gives text, as Orleans' JSON one does.</summary>
    private sealed class TextSerializer : IGrainStorageSerializer
    {
        public BinaryData Serialize<T>(T? input) => BinaryData.FromObjectAsJson(input);

        public T Deserialize<T>(BinaryData input) => input.ToObjectFromJson<T>()!;
    }
}
