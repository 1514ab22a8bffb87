using System.Text.Json;

namespace Rollbook.Export;

/// <summary>The sums over an episode's token data.</summary>
internal sealed class AtifTotals
{
    private long prompt;
    private long completion;
    private long cached;
    private double cost;
    private bool anyPrompt;
    private bool anyCompletion;
    private bool anyCached;
    private bool anyCost;

    /// <summary>Adds a step's.</summary>
    public void Add(AtifMetrics metrics)
    {
        anyPrompt |= !metrics.PromptTokens.IsEmpty;
        anyCompletion |= !metrics.CompletionTokens.IsEmpty;
        anyCached |= !metrics.CachedTokens.IsEmpty;
        anyCost |= !metrics.CostUsd.IsEmpty;
        prompt = Sum(prompt, AtifMetrics.Count(metrics.PromptTokens));
        completion = Sum(completion, AtifMetrics.Count(metrics.CompletionTokens));
        cached = Sum(cached, AtifMetrics.Count(metrics.CachedTokens));
        cost += AtifMetrics.Cost(metrics.CostUsd);
    }

    /// <summary>Writes those that any step had.</summary>
    public void Write(Utf8JsonWriter json)
    {
        if (anyPrompt) json.WriteNumber("total_prompt_tokens"u8, prompt);
        if (anyCompletion) json.WriteNumber("total_completion_tokens"u8, completion);
        if (anyCached) json.WriteNumber("total_cached_tokens"u8, cached);
        if (anyCost && double.IsFinite(cost)) json.WriteNumber("total_cost_usd"u8, cost);
    }

    // What callers send may be nonsense, which must not break an export.
    private static long Sum(long sum, long more) => sum > long.MaxValue - more ? long.MaxValue : sum + more;
}
