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
            if (cause is IOException or UnauthorizedAccessException) return cause.Message;
        }

        return null;
    }
}
