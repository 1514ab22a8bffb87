namespace Rollbook.Benchmarks;

/// <summary>What steps cost a cluster.</summary>
/// <param name="Steps">How many.</param>
/// <param name="Took">How long they took.</param>
/// <param name="Used">Processor time of all silos meanwhile.</param>
/// <param name="Chunks">Chunks that were written meanwhile.</param>
internal sealed record ClusterCost(int Steps, TimeSpan Took, TimeSpan Used, int Chunks)
{
    /// <summary>For people.</summary>
    /// <param name="idle">Processor seconds a second that the silos take anyway.</param>
    public string Told(double idle) =>
        $"{PerMillion(Used.TotalSeconds):0.0} CPU-seconds per million steps ({PerMillion(Used.TotalSeconds - (idle * Took.TotalSeconds)):0.0} without what idle silos take), {PerMillion(Chunks):0} chunks, {Steps / Took.TotalSeconds:0} steps/s";

    private double PerMillion(double amount) => amount / Steps * 1_000_000;
}
