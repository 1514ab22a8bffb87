using System.Net;
using System.Net.Sockets;
using System.Text;
using Azure;
using Azure.Data.Tables;
using Rollbook.Azure;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Azure.Connect;

/// <summary>What the client library sends again by itself, against a service that is always busy.</summary>
public sealed class TableRetriesTests : IDisposable
{
    private static readonly TableEntity Row = new("p", "r");
    private readonly BusyService _service = new();
    private readonly TableClient _table;

    public TableRetriesTests()
    {
        var options = new AzureOptions { ConnectionString = $"AccountName=a;AccountKey=c2VjcmV0;TableEndpoint=http://127.0.0.1:{_service.Port}/a" };
        _table = AzuriteTables.Connect(options).Headers;
    }

    [Fact]
    public async Task Reads_AreSentAgain()
    {
        await Assert.ThrowsAnyAsync<Exception>(async () => await TableRows.FindAsync(_table, "p", "r", CancellationToken.None));

        Assert.Equal(5, _service.Requests);
    }

    [Fact]
    public async Task WritesWithoutACondition_AreSentAgain()
    {
        await Assert.ThrowsAnyAsync<Exception>(() => _table.UpdateEntityAsync(Row, ETag.All, TableUpdateMode.Merge));

        Assert.Equal(5, _service.Requests);
    }

    [Fact]
    public async Task ConditionalWrites_AreSentOnce()
    {
        var old = new ETag("W/\"datetime'2026-08-01T00%3A00%3A00.0000000Z'\"");
        await Assert.ThrowsAsync<RequestFailedException>(() => TableRows.PutAsync(_table, Row, null, CancellationToken.None));
        await Assert.ThrowsAsync<RequestFailedException>(() => TableRows.PutAsync(_table, Row, old, CancellationToken.None));
        await Assert.ThrowsAsync<RequestFailedException>(() => _table.DeleteEntityAsync("p", "r", old));
        await Assert.ThrowsAnyAsync<RequestFailedException>(() => _table.SubmitTransactionAsync([new(TableTransactionActionType.Add, Row)]));

        Assert.Equal(4, _service.Requests);
    }

    public void Dispose() => _service.Dispose();

    /// <summary>Answers each request with 503, on a connection of its own.</summary>
    private sealed class BusyService : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private int _requests;

        public BusyService()
        {
            _listener.Start();
            _ = ServeAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public int Requests => Volatile.Read(ref _requests);

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync()
        {
            try
            {
                while (true) await AnswerAsync(await _listener.AcceptTcpClientAsync());
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private async Task AnswerAsync(TcpClient client)
        {
            using (client)
            {
                var stream = client.GetStream();
                var head = new StringBuilder();
                var buffer = new byte[8192];
                while (!head.ToString().Contains("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(buffer) is > 0 and var read)
                    head.Append(Encoding.Latin1.GetString(buffer, 0, read));
                if (head.Length == 0) return;
                Interlocked.Increment(ref _requests);
                await stream.WriteAsync("HTTP/1.1 503 Server Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
                client.Client.Shutdown(SocketShutdown.Send);
                // Until the other side has the answer: closing over unread bytes would reset the connection.
                while (await stream.ReadAsync(buffer) > 0)
                {
                }
            }
        }
    }
}
