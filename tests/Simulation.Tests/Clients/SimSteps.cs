using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Rollbook.Episodes;

namespace Rollbook.Simulation.Tests.Clients;

/// <summary>Steps as an edge encodes them: the line, its hash, and the edge's own wall clock.</summary>
internal static class SimSteps
{
    public static EncodedSteps Encode(IReadOnlyList<string> lines, TimeProvider edge)
    {
        var receivedAt = edge.GetUtcNow().ToUnixTimeMilliseconds() * 1000;
        var bytes = new byte[lines.Sum(static line => StepEntry.HeaderSize + line.Length)];
        var at = 0;
        foreach (var line in lines)
        {
            var entry = bytes.AsSpan(at, StepEntry.HeaderSize + line.Length);
            Encoding.ASCII.GetBytes(line, entry[StepEntry.HeaderSize..]);
            var hash = BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(entry[StepEntry.HeaderSize..]));
            StepEntry.WriteHead(entry, line.Length, StepFlags.None, hash, receivedAt, stepNumber: -1, reward: 1, cumulativeReward: 0, passRate: double.NaN);
            at += entry.Length;
        }

        return new EncodedSteps(lines.Count, bytes);
    }

    public static List<(string Line, long ReceivedAt)> Decode(EncodedSteps steps)
    {
        var decoded = new List<(string, long)>(steps.Count);
        var bytes = steps.Bytes.Span;
        for (var i = 0; i < steps.Count; i++)
        {
            var entry = StepEntry.Read(bytes);
            decoded.Add((Encoding.ASCII.GetString(entry.Line), entry.ReceivedAt));
            bytes = bytes[entry.Length..];
        }

        return decoded;
    }
}
