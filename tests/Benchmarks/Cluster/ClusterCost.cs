namespace Rollbook.Benchmarks;

/// <summary>What steps cost a cluster.</summary>
/// <param name="Steps">How many.</param>
/// <param name="Took">How long they took.</param>
/// <param name="Used">Processor time of all silos meanwhile.</param>
/// <param name="Chunks">Chunks that were written meanwhile.</param>
internal sealed record ClusterCost(int Steps, TimeSpan Took, TimeSpan Used, int Chunks)
{
    /// <summary>Processor seconds for a million steps, with what idle silos take.</summary>
    public double PerMillion => Of(Used.TotalSeconds);

    /// <summary>This and what came after it.</summary>
    public ClusterCost Plus(ClusterCost later) => new(Steps + later.Steps, Took + later.Took, Used + later.Used, Chunks + later.Chunks);

    /// <summary>For people.</summary>
    /// <param name="idle">Processor seconds a second that the silos take anyway.</param>
    public string Told(double idle) =>
        $"{PerMillion:0.0} CPU-seconds per million steps ({Of(Used.TotalSeconds - (idle * Took.TotalSeconds)):0.0} without what idle silos take), {Of(Chunks):0} chunks, {Steps / Took.TotalSeconds:0} steps/s";

    private double Of(double amount) => amount / Steps * 1_000_000;
}
