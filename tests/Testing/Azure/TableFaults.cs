using Azure.Core;
using Azure.Core.Pipeline;
using Request = Azure.Core.Request;

namespace Rollbook.Testing;

/// <summary>Loses calls of the tables' client, as a network does: one call passes here once, before any retry of the client's own.</summary>
public sealed class TableFaults : HttpPipelinePolicy
{
    private readonly Queue<(Func<Request, bool> Which, bool Sent, Func<Task>? Meanwhile)> _planned = [];

    /// <summary>Calls that passed or were lost.</summary>
    public int Calls { get; private set; }

    /// <summary>Loses the next conditional write.</summary>
    /// <param name="sent">Whether the service gets it, and only its answer is lost.</param>
    /// <param name="meanwhile">Happens after that, before the caller learns of it.</param>
    public TableFaults LoseWrite(bool sent, Func<Task>? meanwhile = null)
    {
        _planned.Enqueue((static request => request.Method != RequestMethod.Get, sent, meanwhile));
        return this;
    }

    /// <inheritdoc/>
    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException("The stores call asynchronously.");

    /// <inheritdoc/>
    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        Calls++;
        if (!_planned.TryPeek(out var fault) || !fault.Which(message.Request))
        {
            await ProcessNextAsync(message, pipeline);
            return;
        }

        _planned.Dequeue();
        if (fault.Sent) await ProcessNextAsync(message, pipeline);
        if (fault.Meanwhile is { } meanwhile) await meanwhile();
        throw new IOException("The connection was lost.");
    }
}
