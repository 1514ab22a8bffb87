using System.Data.Common;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Azure;

public sealed class AzuriteTests(Azurite azurite)
{
    [Theory]
    [InlineData("BlobEndpoint", "Azurite-Blob")]
    [InlineData("QueueEndpoint", "Azurite-Queue")]
    [InlineData("TableEndpoint", "Azurite-Table")]
    public async Task ConnectionString_WhenAsked_NamesServicesThatAnswer(string endpoint, string server)
    {
        var parts = new DbConnectionStringBuilder { ConnectionString = azurite.ConnectionString };
        using var http = new HttpClient();
        using var answer = await http.GetAsync((string)parts[endpoint]);

        Assert.StartsWith(server, answer.Headers.Server.ToString());
    }
}
