using System.Buffers.Binary;
using System.Text;

namespace Rollbook.Silo.Tests.Telemetry;

/// <summary>The fields of one protobuf message, without its schema: number and bytes of each, in order.</summary>
internal sealed class ProtoFields
{
    private readonly List<(int Number, byte[] Bytes)> fields = [];

    public ProtoFields(ReadOnlySpan<byte> message)
    {
        while (message.Length > 0)
        {
            var tag = Varint(ref message);
            var length = (tag & 7) switch
            {
                0 => 0,
                1 => 8,
                2 => (int)Varint(ref message),
                5 => 4,
                _ => throw new InvalidDataException($"wire type {tag & 7}"),
            };
            if ((tag & 7) == 0)
            {
                var bytes = new byte[8];
                BinaryPrimitives.WriteUInt64LittleEndian(bytes, Varint(ref message));
                fields.Add(((int)(tag >> 3), bytes));
                continue;
            }

            fields.Add(((int)(tag >> 3), message[..length].ToArray()));
            message = message[length..];
        }
    }

    /// <summary>The messages of a repeated field.</summary>
    public IEnumerable<ProtoFields> Messages(int number) => All(number).Select(static bytes => new ProtoFields(bytes));

    public ProtoFields Message(int number) => Messages(number).First();

    public string Text(int number) => All(number).Select(Encoding.UTF8.GetString).FirstOrDefault("");

    public string Hex(int number) => Convert.ToHexStringLower(All(number).FirstOrDefault([]));

    private IEnumerable<byte[]> All(int number) => fields.Where(field => field.Number == number).Select(static field => field.Bytes);

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[0];
            bytes = bytes[1..];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80) return value;
        }
    }
}
