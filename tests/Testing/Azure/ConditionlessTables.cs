using System.Text;
using System.Text.RegularExpressions;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Rollbook.Testing;

/// <summary>A broken client: every condition, of single writes and of those in a transaction, becomes "whatever is there".</summary>
public sealed partial class ConditionlessTables : HttpPipelinePolicy
{
    /// <inheritdoc/>
    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException("The stores call asynchronously.");

    /// <inheritdoc/>
    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        var request = message.Request;
        if (request.Headers.Contains("If-Match")) request.Headers.SetValue("If-Match", "*");
        if (request.Uri.Path.EndsWith("$batch", StringComparison.Ordinal) && request.Content is { } content)
        {
            using var body = new MemoryStream();
            await content.WriteToAsync(body, message.CancellationToken);
            request.Content = RequestContent.Create(Encoding.UTF8.GetBytes(Condition().Replace(Encoding.UTF8.GetString(body.ToArray()), "If-Match: *\r\n")));
        }

        await ProcessNextAsync(message, pipeline);
    }

    [GeneratedRegex("If-Match: [^\r\n]+\r\n")]
    private static partial Regex Condition();
}
