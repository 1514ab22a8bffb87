using System.Text;
using CsCheck;
using Xunit;

namespace Rollbook.Cli.Tests.Files;

public sealed class FileLinesTests
{
    [Fact]
    public void ReadAsync_WhenTheStreamComesInAnyPieces_GivesEveryLineWithItsPlace() =>
        Gen.Select(Gen.Int[0, 70_000].Array[0, 8], Gen.Bool, Gen.Int[1, 5_000]).Sample((lengths, ended, piece) =>
        {
            var lines = lengths.Select((length, i) => new string((char)('a' + i), length)).ToList();
            var text = string.Join('\n', lines) + (ended && lines.Count > 0 ? "\n" : "");
            var read = ReadAll(new PiecewiseStream(Encoding.UTF8.GetBytes(text), piece));

            // A last line that is empty and has no end is no line.
            var expected = !ended && lines is [.., ""] ? lines[..^1] : lines;
            Assert.Equal(expected, read.Select(line => Encoding.UTF8.GetString(line.Bytes.Span)));
            Assert.Equal(Enumerable.Range(1, expected.Count).Select(i => (long)i), read.Select(line => line.Number));
            Assert.All(read, line => Assert.Equal(Encoding.UTF8.GetString(line.Bytes.Span), text.Substring((int)line.Offset, line.Bytes.Length)));
            Assert.All(read.SkipLast(1), line => Assert.True(line.Ended));
            if (read.Count > 0)
                Assert.Equal(text.EndsWith('\n'), read[^1].Ended);
        }, iter: 200);

    private static List<FileLine> ReadAll(Stream stream)
    {
        var enumerator = FileLines.ReadAsync(stream, CancellationToken.None).GetAsyncEnumerator();
        var lines = new List<FileLine>();
        // The stream answers at once, and so does the reader.
        while (enumerator.MoveNextAsync().AsTask().GetAwaiter().GetResult())
            lines.Add(enumerator.Current);
        return lines;
    }

    private sealed class PiecewiseStream(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, piece)], cancellationToken);
    }
}
