namespace Rollbook.StepLog;

/// <summary>Too many bytes wait for their commit. Nothing was taken.</summary>
public sealed class LogBusyException(long inFlight) : IOException($"{inFlight} bytes wait for their commit, which is all that this silo allows: send the same again in a moment.");
