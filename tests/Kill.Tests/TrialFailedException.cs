namespace Rollbook.Kill.Tests;

/// <summary>A test of a cluster failed: what it was about, and what its silos said.</summary>
public sealed class TrialFailedException(string message, Exception failure) : Exception(message, failure);
