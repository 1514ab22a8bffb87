namespace Rollbook.Simulation.Tests.Mutations;

/// <summary>The trimmer moves the mark although the row says that the log is being fenced: the probe has taken the old mark.</summary>
internal sealed class TrimWhileFencing : Mutation
{
    public override bool TrimsWhileFencing => true;
}
