using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Rollbook.Kill.Tests;

/// <summary>A request that lies in a silo's socket before the silo runs on, and its answer.</summary>
internal sealed class Knock : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly TcpClient connection;

    private Knock(TcpClient connection, byte[] step)
    {
        this.connection = connection;
        Step = step;
    }

    /// <summary>The step that it asks for.</summary>
    public byte[] Step { get; }

    /// <summary>Sends an append; returns when the kernel has it.</summary>
    public static async Task<Knock> SendAsync(Uri silo, string episode, long ordinal, long writerEpoch, byte[] step)
    {
        var connection = new TcpClient();
        await connection.ConnectAsync(silo.Host, silo.Port);
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"POST /v1/episodes/{episode}/steps?from={ordinal}&writer_epoch={writerEpoch} HTTP/1.1\r\nHost: {silo.Authority}\r\nContent-Type: application/json\r\n"
            + $"Content-Length: {step.Length}\r\nConnection: close\r\n\r\n");
        await connection.GetStream().WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(head), .. step]);
        return new Knock(connection, step);
    }

    /// <summary>The status of its answer; null where the silo went away without one.</summary>
    public async Task<int?> StatusAsync()
    {
        try
        {
            using var answer = new StreamReader(connection.GetStream(), Encoding.UTF8);
            var text = await answer.ReadToEndAsync().WithinAsync(Patience, () => $"A request at {connection.Client.RemoteEndPoint} was neither answered nor dropped");
            return text.Length == 0 ? null : int.Parse(text.Split(' ', 3)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }

    public void Dispose() => connection.Dispose();
}
