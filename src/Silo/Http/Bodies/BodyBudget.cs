namespace Rollbook.Silo.Http;

/// <summary>How many bytes of bodies may lie in memory at once, over all requests.</summary>
internal sealed class BodyBudget(long limit)
{
    private long used;

    /// <summary>Takes bytes.</summary>
    /// <exception cref="RefusedException">There are none left: <c>busy</c>.</exception>
    public void Take(long bytes)
    {
        if (Interlocked.Add(ref used, bytes) <= limit) return;
        Give(bytes);
        throw new RefusedException(ProblemKind.Of(RollbookCode.Busy), "Too many bytes are on their way in. Nothing was taken: send the same again.");
    }

    /// <summary>Gives bytes back.</summary>
    public void Give(long bytes) => Interlocked.Add(ref used, -bytes);
}
