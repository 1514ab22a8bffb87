using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Rollbook.Cli;

/// <summary>Copies JSON values byte for byte; only white space between tokens goes, since an NDJSON line can't have a line break.</summary>
internal static class RawJson
{
    public static void Write(IBufferWriter<byte> output, JsonElement value) => Write(output, JsonMarshal.GetRawUtf8Value(value));

    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> json)
    {
        while (!json.IsEmpty)
        {
            var token = json.IndexOfAny(" \t\r\n\""u8);
            if (token < 0)
            {
                output.Write(json);
                return;
            }

            var end = json[token] == '"' ? token + StringLength(json[token..]) : token;
            output.Write(json[..end]);
            json = json[(end == token ? token + 1 : end)..];
        }
    }

    /// <summary>Bytes of the string that the JSON begins with, both quotes included.</summary>
    private static int StringLength(ReadOnlySpan<byte> json)
    {
        for (var i = 1; ; i++)
        {
            i += json[i..].IndexOfAny((byte)'"', (byte)'\\');
            if (json[i] == '"')
                return i + 1;
            i++;
        }
    }
}
