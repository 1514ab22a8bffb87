using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Rollbook.Silo.Tests.Http.Bodies;

/// <summary>Bodies as the network may cut them: a body that came whole is read from the server's own buffer.</summary>
public sealed class BodyPiecesTests
{
    [Fact]
    public async Task Append_RequestsBackToBackInOnePiece_AreEachTakenWhole()
    {
        await using var server = await EdgeServer.StartAsync();
        var requests = string.Concat(Enumerable.Range(0, 5).Select(ordinal => Request(ordinal, Step(ordinal))));
        var answers = await SendAsync(server, 5, Encoding.ASCII.GetBytes(requests));
        Assert.Equal(Enumerable.Range(1, 5).Select(next => $"{{\"next_ordinal\":{next},\"duplicates\":0}}"), answers);
        AssertSteps(server, 5);
    }

    [Fact]
    public async Task Append_CutAnywhere_IsTakenWhole()
    {
        await using var server = await EdgeServer.StartAsync();
        var request = Request(0, Step(0));
        var body = request.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        foreach (var cut in new[] { body - 2, body, body + 1, request.Length - 1 })
        {
            server.Episode.Appends.Clear();
            // An answer to the first piece's request before the second is sent shows that the first piece has been read.
            var first = Encoding.ASCII.GetBytes(Request(7, Step(7)) + request[..cut]);
            await SendAsync(server, 1, first, async socket =>
            {
                await socket.SendAsync(Encoding.ASCII.GetBytes(request[cut..]));
                Assert.Equal("{\"next_ordinal\":1,\"duplicates\":0}", Assert.Single(await ReceiveAsync(socket, 1)));
            });
            Assert.Equal([7L, 0], server.Episode.Appends.Select(append => append.From));
            Assert.Equal(Step(0), Encoding.UTF8.GetString(StepEntry.Read(server.Episode.Appends[1].Steps.Bytes.Span).Line));
        }
    }

    [Fact]
    public async Task Append_BadBodyInTheServersBuffer_LeavesTheNextRequestAlone()
    {
        await using var server = await EdgeServer.StartAsync();
        var answers = await SendAsync(server, 2, Encoding.ASCII.GetBytes(Request(0, "{\"action_type\":7}") + Request(0, Step(0))));
        Assert.Contains("\"pointer\":\"/action_type\"", answers[0], StringComparison.Ordinal);
        Assert.Equal("{\"next_ordinal\":1,\"duplicates\":0}", answers[1]);
        AssertSteps(server, 1);
    }

    private static void AssertSteps(EdgeServer server, int count) => Assert.Equal(
        Enumerable.Range(0, count).Select(Step),
        server.Episode.Appends.Select(append => Encoding.UTF8.GetString(StepEntry.Read(append.Steps.Bytes.Span).Line)));

    private static string Step(int ordinal) => $"{{\"action_type\":\"{new string((char)('a' + ordinal), 100 + ordinal)}\"}}";

    private static string Request(int from, string step) =>
        $"POST /v1/episodes/{EdgeServer.Id}/steps?from={from} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {step.Length}\r\n\r\n{step}";

    private static async Task<List<string>> SendAsync(EdgeServer server, int answers, byte[] bytes, Func<Socket, Task>? then = null)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, server.Client.BaseAddress!.Port);
        await socket.SendAsync(bytes);
        var received = await ReceiveAsync(socket, answers);
        if (then is not null) await then(socket);
        return received;
    }

    /// <summary>Reads answers, each one JSON object, and gives their bodies.</summary>
    private static async Task<List<string>> ReceiveAsync(Socket socket, int count)
    {
        var text = new StringBuilder();
        var buffer = new byte[8192];
        while (text.ToString().Count(c => c == '}') < count)
        {
            var read = await socket.ReceiveAsync(buffer);
            Assert.True(read > 0, $"The connection was closed after {text}");
            text.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }

        return [.. text.ToString().Split('{')[1..].Select(part => "{" + part[..(part.IndexOf('}', StringComparison.Ordinal) + 1)])];
    }
}
