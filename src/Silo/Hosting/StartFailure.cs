using Azure;
using Azure.Identity;
using Microsoft.Extensions.Options;

namespace Rollbook.Silo.Hosting;

/// <summary>Says in one sentence why a start failed, where the cause is one that a person can remove.</summary>
internal static class StartFailure
{
    /// <summary>The sentence; null for a failure that is not known, whose stack trace is worth more.</summary>
    public static string? Text(Exception error)
    {
        for (var cause = error; cause is not null; cause = cause.InnerException)
        {
            if (cause is Microsoft.AspNetCore.Connections.AddressInUseException)
                return $"{error.Message} Choose another port with {Settings.Of("Urls").Names}, or stop the process that has it.";
            if (cause is OptionsValidationException invalid) return string.Join('\n', invalid.Failures.Select(Sentence));
            // A key that is not known, or a value that can't be read: the innermost one names it.
            if (cause is InvalidOperationException && cause.Message.Contains("'ErrorOnUnknownConfiguration'", StringComparison.Ordinal))
                return $"The configuration has a key that is not known, or a value that can't be read: {cause.GetBaseException().Message}";
            // The storage account's own sentence says what to check.
            if (cause is InvalidOperationException { InnerException: RequestFailedException or AuthenticationFailedException or AggregateException }) return cause.Message;
            if (cause is IOException or UnauthorizedAccessException) return cause.Message;
        }

        return null;
    }

    // The library puts the options' own sentence, which names the key and the cure, into one of its own.
    private static string Sentence(string failure)
    {
        const string Begin = "with the error: '";
        var at = failure.IndexOf(Begin, StringComparison.Ordinal);
        return at < 0 ? failure : failure[(at + Begin.Length)..].TrimEnd('.').TrimEnd('\'');
    }
}
