using Rollbook.Client;

namespace Rollbook.Crash.Tests;

/// <summary>One run of the recorder as the workers see it.</summary>
/// <param name="Client">Speaks to it; repeats what it answers with <c>busy</c> or <c>unavailable</c>.</param>
/// <param name="Over">Cancelled when it is gone.</param>
internal sealed record LoadTurn(RollbookHttpClient Client, CancellationTokenSource Over);
