namespace Rollbook.Crash.Tests;

/// <summary>One system call.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Start">Unix seconds.</param>
/// <param name="End">Unix seconds; the caller went on after it.</param>
/// <param name="Result">What it answered; below zero: an error.</param>
/// <param name="Injected">The answer is the test's, the call was not made.</param>
internal sealed record TracedCall(string Name, double Start, double End, long Result, bool Injected);
