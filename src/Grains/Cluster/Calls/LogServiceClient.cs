using Orleans.Runtime.Services;

namespace Rollbook.Cluster;

/// <inheritdoc cref="ILogServiceClient"/>
internal sealed class LogServiceClient(IServiceProvider provider) : GrainServiceClient<ILogGrainService>(provider), ILogServiceClient
{
    /// <inheritdoc/>
    public ILogGrainService Of(SiloAddress silo) => GetGrainService(silo);
}
