using System.Text.Json;

namespace Rollbook.Export;

/// <summary>
/// The token data of a step, out of its <c>extra</c>: members that bear ATIF's names and have ATIF's types, of <c>extra</c> itself, or of the object <c>metrics</c> or
/// <c>usage</c> in it. What is something else under such a name is left where it is.
/// </summary>
internal ref struct AtifMetrics
{
    /// <summary>Non-negative integers.</summary>
    public ReadOnlySpan<byte> PromptTokens, CompletionTokens, CachedTokens;

    /// <summary>A finite number.</summary>
    public ReadOnlySpan<byte> CostUsd;

    /// <summary>Arrays of non-negative integers.</summary>
    public ReadOnlySpan<byte> PromptTokenIds, CompletionTokenIds;

    /// <summary>An array of finite numbers.</summary>
    public ReadOnlySpan<byte> Logprobs;

    /// <summary>True where the step has any.</summary>
    public readonly bool Any => !(PromptTokens.IsEmpty && CompletionTokens.IsEmpty && CachedTokens.IsEmpty && CostUsd.IsEmpty
        && PromptTokenIds.IsEmpty && CompletionTokenIds.IsEmpty && Logprobs.IsEmpty);

    /// <summary>Of a step's <c>extra</c>; empty where it has none.</summary>
    public static AtifMetrics Of(ReadOnlySpan<byte> extra)
    {
        var metrics = default(AtifMetrics);
        metrics.Take(ObjectMembers.Find(extra, "usage"u8));
        metrics.Take(ObjectMembers.Find(extra, "metrics"u8));
        metrics.Take(extra);
        return metrics;
    }

    /// <summary>A count as a number; 0 where there is none.</summary>
    public static long Count(ReadOnlySpan<byte> count)
    {
        if (count.IsEmpty) return 0;
        var reader = new Utf8JsonReader(count);
        reader.Read();
        return reader.GetInt64();
    }

    /// <summary>A cost as a number; 0 where there is none.</summary>
    public static double Cost(ReadOnlySpan<byte> cost)
    {
        if (cost.IsEmpty) return 0;
        var reader = new Utf8JsonReader(cost);
        reader.Read();
        return reader.GetDouble();
    }

    private void Take(ReadOnlySpan<byte> json)
    {
        for (var members = new ObjectMembers(json); members.Next();)
        {
            var name = members.RawName;
            var value = members.Value;
            if (name.SequenceEqual("prompt_tokens"u8)) Set(ref PromptTokens, value, IsCount(value));
            else if (name.SequenceEqual("completion_tokens"u8)) Set(ref CompletionTokens, value, IsCount(value));
            else if (name.SequenceEqual("cached_tokens"u8)) Set(ref CachedTokens, value, IsCount(value));
            else if (name.SequenceEqual("cost_usd"u8)) Set(ref CostUsd, value, IsNumber(value));
            else if (name.SequenceEqual("prompt_token_ids"u8)) Set(ref PromptTokenIds, value, IsArray(value, counts: true));
            else if (name.SequenceEqual("completion_token_ids"u8)) Set(ref CompletionTokenIds, value, IsArray(value, counts: true));
            else if (name.SequenceEqual("logprobs"u8)) Set(ref Logprobs, value, IsArray(value, counts: false));
        }
    }

    private static void Set(ref ReadOnlySpan<byte> slot, ReadOnlySpan<byte> value, bool fits) => slot = fits ? value : slot;

    private static bool IsCount(ReadOnlySpan<byte> value)
    {
        var reader = new Utf8JsonReader(value, new JsonReaderOptions { MaxDepth = JsonText.MaxDepth });
        reader.Read();
        return IsCount(ref reader);
    }

    private static bool IsNumber(ReadOnlySpan<byte> value)
    {
        var reader = new Utf8JsonReader(value, new JsonReaderOptions { MaxDepth = JsonText.MaxDepth });
        reader.Read();
        return IsNumber(ref reader);
    }

    private static bool IsArray(ReadOnlySpan<byte> value, bool counts)
    {
        var reader = new Utf8JsonReader(value, new JsonReaderOptions { MaxDepth = JsonText.MaxDepth });
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray) return false;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (counts ? !IsCount(ref reader) : !IsNumber(ref reader)) return false;
        }

        return true;
    }

    private static bool IsCount(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var count) && count >= 0;

    private static bool IsNumber(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var number) && double.IsFinite(number);
}
