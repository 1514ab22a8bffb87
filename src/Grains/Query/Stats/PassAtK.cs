namespace Rollbook.Query;

/// <summary>
/// The unbiased estimate of pass@k: the chance that at least one of k attempts succeeds, of n attempts with c successes: 1 − C(n−c, k) / C(n, k).
/// </summary>
/// <remarks>
/// M. Chen et al., "Evaluating Large Language Models Trained on Code", arXiv:2107.03374, section 2.1 and figure 3, whose product form this is. 1 − (1 − c/n)^k would
/// be too low.
/// </remarks>
internal static class PassAtK
{
    /// <summary>The estimate for one task or group; null where it has fewer than k attempts.</summary>
    /// <param name="n">Attempts.</param>
    /// <param name="c">Successes, 0 to n.</param>
    /// <param name="k">From 1 on.</param>
    public static double? Of(long n, long c, int k)
    {
        if (n < k) return null;
        if (n - c < k) return 1;
        // 1 − Π (1 − k/i) for i from n−c+1 to n.
        var miss = 1.0;
        for (var i = n - c + 1; i <= n; i++) miss *= 1.0 - ((double)k / i);
        return 1 - miss;
    }
}
