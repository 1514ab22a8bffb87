namespace Rollbook.Simulation.Tests.Mutations;

/// <summary>A log is freed up to where recovery needs it, packed or not.</summary>
internal sealed class FreeUnpacked : Mutation
{
    public override bool FreesUnpacked => true;
}
