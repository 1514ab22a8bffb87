using Rollbook.Query;

namespace Rollbook.Archive;

/// <summary>Which episodes are deleted by themselves: those that ended so long ago and of which everything else that is given holds.</summary>
public sealed class RetentionRule
{
    /// <summary>The most days.</summary>
    public const double MaxDays = 36_500;

    /// <summary>Days since the end; more than 0, at most 36500, a fraction of a day is one.</summary>
    public double? OlderThanDays { get; set; }

    /// <summary>Only of this status: completed, superseded, aborted or lost; null = of any.</summary>
    public string? Status { get; set; }

    /// <summary>Only with this label; null = with any.</summary>
    public string? Label { get; set; }

    /// <summary>Only of this task; null = of any.</summary>
    public string? Task { get; set; }

    /// <summary>What is wrong with it, in a sentence that names the key and the cure; null = nothing.</summary>
    /// <param name="index">Its place in the list.</param>
    internal string? Fault(int index)
    {
        var key = FormattableString.Invariant($"Archive:Retention:{index}");
        if (OlderThanDays is not (> 0 and <= MaxDays)) return $"{key}:OlderThanDays is required, more than 0 and at most 36500 days.";
        if (Status is not null && (Status == "running" || !EpisodeStatuses.Names.Contains(Status))) return $"{key}:Status must be completed, superseded, aborted or lost.";
        if (Label is "" or DoomedEpisode.PinnedLabel) return $"{key}:Label must be a label other than '{DoomedEpisode.PinnedLabel}', which protects from being deleted.";
        return Task is "" ? $"{key}:Task must be a task's name: leave it out for all tasks." : null;
    }

    /// <summary>The filter; how long ago is not in it.</summary>
    internal EpisodeFilter Filter()
    {
        var texts = new Dictionary<string, IReadOnlyList<string>>();
        if (Status is not null) texts["status"] = [Status];
        if (Task is not null) texts["task"] = [Task];
        return new EpisodeFilter { Texts = texts, Labels = Label is null ? [] : [Label] };
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = FormattableString.Invariant($"older than {OlderThanDays} days");
        if (Status is not null) text += $", status {Status}";
        if (Label is not null) text += $", label {Label}";
        return Task is null ? text : $"{text}, task {Task}";
    }
}
