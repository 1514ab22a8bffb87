using System.Collections.Concurrent;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Rollbook.Testing;

/// <summary>Counts the operations on tables that a test's calls cost.</summary>
public sealed class TableOperations : HttpPipelineSynchronousPolicy
{
    private readonly ConcurrentQueue<string> _seen = [];

    /// <summary>Each operation since the last <see cref="Clear"/>: the method, and the table with its keys where they stand in the address.</summary>
    public IReadOnlyCollection<string> Seen => _seen;

    /// <summary>Forgets what was seen.</summary>
    public void Clear() => _seen.Clear();

    /// <inheritdoc/>
    public override void OnSendingRequest(HttpMessage message) => _seen.Enqueue($"{message.Request.Method} {message.Request.Uri.Path}");
}
