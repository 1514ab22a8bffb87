using Orleans.Services;

namespace Rollbook.Cluster;

/// <summary>Finds the log services of silos.</summary>
internal interface ILogServiceClient : IGrainServiceClient<ILogGrainService>
{
    /// <summary>The log service of a silo.</summary>
    ILogGrainService Of(SiloAddress silo);
}
