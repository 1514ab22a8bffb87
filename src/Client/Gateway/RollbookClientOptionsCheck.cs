using Microsoft.Extensions.Options;

namespace Rollbook.Client;

/// <summary>Checks the options; each message names the key, the value and the cure.</summary>
internal sealed class RollbookClientOptionsCheck : IValidateOptions<RollbookClientOptions>
{
    private static readonly TimeSpan WriterLife = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, RollbookClientOptions options)
    {
        var wrong = Problems(options).ToList();
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    /// <summary>The options, checked.</summary>
    /// <exception cref="OptionsValidationException">They can't be used.</exception>
    public static RollbookClientOptions Checked(RollbookClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var wrong = Problems(options).ToList();
        return wrong.Count == 0 ? options : throw new OptionsValidationException(RollbookClientOptions.Section, typeof(RollbookClientOptions), wrong);
    }

    private static IEnumerable<string> Problems(RollbookClientOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.Gateways)) yield return Wrong("Gateways", options.Gateways, "name at least one gateway, such as 127.0.0.1:30000");
        if (string.IsNullOrWhiteSpace(options.ClusterId)) yield return Wrong("ClusterId", options.ClusterId, "give the recorder's Orleans cluster id; \"default\" unless it was set");
        if (string.IsNullOrWhiteSpace(options.ServiceId)) yield return Wrong("ServiceId", options.ServiceId, "give the recorder's Orleans service id; \"default\" unless it was set");
        if (string.IsNullOrEmpty(options.Project) || options.Project.Contains('/')) yield return Wrong("Project", options.Project, "give a name without '/'; \"default\" where there is one tenant");
        // Not the value: it may be a key with a slip.
        if (options.ApiKey is { } key && (key.Length == 0 || key.AsSpan().ContainsAnyExceptInRange('!', '~')))
            yield return $"{RollbookClientOptions.Section}:ApiKey is no key: give one such as rb_…, without spaces, or leave it out.";
        if (options is { ApiKey: not null, TokenProvider: not null }) yield return $"{RollbookClientOptions.Section}:ApiKey is given, and a TokenProvider too: give one of them.";
        if (options.GiveUpAfter < TimeSpan.Zero) yield return Wrong("GiveUpAfter", options.GiveUpAfter, "give zero or more");
        if (options.CallTimeout <= TimeSpan.FromSeconds(5)) yield return Wrong("CallTimeout", options.CallTimeout, "give more than 5 s: a read that waits for the next step takes up to 1 s by itself, a take-over longer");
        if (options.FirstDelay <= TimeSpan.Zero) yield return Wrong("FirstDelay", options.FirstDelay, "give more than zero");
        if (options.MaxDelay < options.FirstDelay) yield return Wrong("MaxDelay", options.MaxDelay, $"give at least FirstDelay, which is {options.FirstDelay}");
        if (options.HeartbeatEvery <= TimeSpan.Zero || options.HeartbeatEvery >= WriterLife)
            yield return Wrong("HeartbeatEvery", options.HeartbeatEvery, "give more than zero and less than 30 s, after which the recorder takes a writer for gone");
        if (options.MaxBatchBytes is < 64 * 1024 or > StepSlices.MaxBytes) yield return Wrong("MaxBatchBytes", options.MaxBatchBytes, $"give 65536 to {StepSlices.MaxBytes}");
        if (options.MaxLoggerBytes < options.MaxBatchBytes) yield return Wrong("MaxLoggerBytes", options.MaxLoggerBytes, $"give at least MaxBatchBytes, which is {options.MaxBatchBytes}");
        if (options.MaxClientBytes < options.MaxLoggerBytes) yield return Wrong("MaxClientBytes", options.MaxClientBytes, $"give at least MaxLoggerBytes, which is {options.MaxLoggerBytes}");
    }

    private static string Wrong(string key, object? value, string cure) => $"{RollbookClientOptions.Section}:{key} is '{value}': {cure}.";
}
