using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Rollbook.Episodes;

namespace Rollbook.Testing;

/// <summary>Makes encoded steps without the edge.</summary>
public static class TestSteps
{
    /// <summary>One entry per text: a line whose query is that text.</summary>
    public static EncodedSteps Of(params string[] texts)
    {
        var bytes = new List<byte>();
        foreach (var text in texts) bytes.AddRange(Entry(text));
        return new EncodedSteps(texts.Length, bytes.ToArray());
    }

    /// <summary>The steps from an ordinal on, each with a content that only it has.</summary>
    public static EncodedSteps Range(string salt, long from, int count) =>
        Of([.. Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"{salt}-{from + i}"))]);

    /// <summary>Steps whose queries have this many characters.</summary>
    public static EncodedSteps OfLength(int count, int queryLength) => Of([.. Enumerable.Repeat(new string('x', queryLength), count)]);

    /// <summary>The lines of encoded steps.</summary>
    public static List<string> Lines(EncodedSteps steps)
    {
        var lines = new List<string>();
        var bytes = steps.Bytes.Span;
        for (var i = 0; i < steps.Count; i++)
        {
            var entry = StepEntry.Read(bytes);
            lines.Add(Encoding.UTF8.GetString(entry.Line));
            bytes = bytes[entry.Length..];
        }

        return lines;
    }

    private static byte[] Entry(string text)
    {
        var line = Encoding.UTF8.GetBytes($$"""{"action_type":"test","action_query":"{{text}}"}""");
        var entry = new byte[StepEntry.HeaderSize + line.Length];
        line.CopyTo(entry, StepEntry.HeaderSize);
        var hash = BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(line));
        StepEntry.WriteHead(entry, line.Length, StepFlags.None, hash, receivedAt: 1, StepEntry.NoStepNumber, reward: 0.5, cumulativeReward: 0, passRate: double.NaN);
        return entry;
    }
}
