using Azure.Core;
using Azure.Core.Pipeline;

namespace Rollbook.Grains.Tests.Azure.Blobs;

/// <summary>A client whose writes have no conditions: whoever comes last wins.</summary>
internal sealed class StripConditions : HttpPipelineSynchronousPolicy
{
    public override void OnSendingRequest(HttpMessage message)
    {
        if (message.Request.Method != RequestMethod.Put) return;
        message.Request.Headers.Remove("If-None-Match");
        message.Request.Headers.Remove("If-Match");
    }
}
