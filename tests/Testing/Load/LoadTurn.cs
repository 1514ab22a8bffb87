using Rollbook.Client;

namespace Rollbook.Testing;

/// <summary>One run of the recorder as the workers see it.</summary>
/// <param name="Address">Where it serves the API.</param>
/// <param name="Client">Speaks to it; repeats what it answers with <c>busy</c> or <c>unavailable</c>.</param>
/// <param name="Shared">Sends the appends of many workers in one request.</param>
/// <param name="Over">Cancelled when it is gone.</param>
internal sealed record LoadTurn(Uri Address, RollbookHttpClient Client, SharedAppends Shared, CancellationTokenSource Over);
