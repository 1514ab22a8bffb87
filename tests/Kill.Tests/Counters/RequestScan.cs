using System.Globalization;
using System.Text;

namespace Rollbook.Kill.Tests;

/// <summary>Finds the requests in what a client sends over one HTTP/1.1 connection.</summary>
/// <param name="found">Takes each request's method and target.</param>
internal sealed class RequestScan(Action<string, string> found)
{
    private readonly List<byte> head = [];
    private long body;

    /// <summary>The next bytes, cut anywhere.</summary>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (body > 0)
            {
                var part = (int)Math.Min(body, bytes.Length);
                body -= part;
                bytes = bytes[part..];
                continue;
            }

            head.Add(bytes[0]);
            bytes = bytes[1..];
            if (head.Count >= 4 && head[^1] == '\n' && head[^2] == '\r' && head[^3] == '\n' && head[^4] == '\r') Finish();
        }
    }

    private void Finish()
    {
        var lines = Encoding.Latin1.GetString([.. head]).Split("\r\n");
        head.Clear();
        foreach (var line in lines)
        {
            if (line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)) body = long.Parse(line[15..], CultureInfo.InvariantCulture);
            if (line.StartsWith("Transfer-Encoding:", StringComparison.OrdinalIgnoreCase)) throw new InvalidOperationException($"{lines[0]}: a body without a length can't be counted.");
        }

        var request = lines[0].Split(' ');
        found(request[0], Uri.UnescapeDataString(request[1]));
    }
}
