using System.IO.Pipelines;
using System.Text;
using Rollbook.Silo.Http;

namespace Rollbook.Silo.Tests.Http.Bodies;

/// <summary>A body that is lent by the server.</summary>
public sealed class BodyTests
{
    [Fact]
    public async Task Borrow_FromABufferWithMoreInIt_IsCutToItsLength()
    {
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync("{\"a\":1}next"u8.ToArray());

        using (var body = new Body(new BodyBudget(0)))
        {
            Assert.True(body.TryBorrow(pipe.Reader, 7));
            Assert.Equal("{\"a\":1}", Encoding.UTF8.GetString(body.Span));
        }

        Assert.True(pipe.Reader.TryRead(out var rest));
        Assert.Equal("next", Encoding.UTF8.GetString(rest.Buffer.FirstSpan));
    }
}
