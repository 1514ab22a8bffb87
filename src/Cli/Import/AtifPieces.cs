using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Rollbook.Cli;

/// <summary>
/// Reads ATIF documents, one or several one behind another, piece by piece: a document of any length, one of its steps in memory. White space between
/// tokens doesn't matter.
/// </summary>
internal sealed class AtifPieces
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 512, AllowMultipleValues = true };

    private JsonReaderState _state = new(Options);
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private long _offset;
    private bool _inDocument;
    private bool _inSteps;

    private AtifPieces(long offset) => _offset = offset;

    /// <summary>Reads from the stream's position on.</summary>
    /// <exception cref="JsonException">It is no JSON, or no object.</exception>
    public static async IAsyncEnumerable<AtifPiece> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pieces = new AtifPieces(stream.Position);
        var last = false;
        while (true)
        {
            while (pieces.TryNext(last, out var piece))
                yield return piece;
            if (last)
                yield break;
            last = !await pieces.FillAsync(stream, cancellationToken);
        }
    }

    /// <summary>Reads as much as there is room for: a value that doesn't fit is looked at again from its start each time.</summary>
    private async ValueTask<bool> FillAsync(Stream stream, CancellationToken cancellationToken)
    {
        var target = _end - _start > _buffer.Length / 2 ? new byte[checked(_buffer.Length * 2)] : _buffer;
        _buffer.AsSpan(_start, _end - _start).CopyTo(target);
        _buffer = target;
        _end -= _start;
        _start = 0;
        var free = _buffer.AsMemory(_end);
        var read = await stream.ReadAtLeastAsync(free, free.Length, throwOnEndOfStream: false, cancellationToken);
        _end += read;
        return read == free.Length;
    }

    private bool TryNext(bool last, out AtifPiece piece)
    {
        piece = default;
        while (true)
        {
            var bytes = _buffer.AsSpan(_start, _end - _start);
            var reader = new Utf8JsonReader(bytes, last, _state);
            if (!reader.Read())
                return false;
            var at = _offset + reader.TokenStartIndex;
            if (_inSteps)
            {
                if (reader.TokenType == JsonTokenType.EndArray)
                {
                    _inSteps = false;
                    Take(reader);
                    continue;
                }

                if (!TryValue(ref reader, bytes, out var step))
                    return false;
                piece = new AtifPiece(AtifPieceKind.Step, null, step, at);
            }
            else if (!_inDocument)
            {
                if (reader.TokenType != JsonTokenType.StartObject)
                    throw new JsonException("A document is a JSON object.");
                _inDocument = true;
                piece = new AtifPiece(AtifPieceKind.Begin, null, default, at);
            }
            else if (reader.TokenType == JsonTokenType.EndObject)
            {
                _inDocument = false;
                piece = new AtifPiece(AtifPieceKind.End, null, default, at);
            }
            else
            {
                var name = reader.GetString()!;
                if (!reader.Read())
                    return false;
                if (name == "steps" && reader.TokenType == JsonTokenType.StartArray)
                {
                    _inSteps = true;
                    Take(reader);
                    continue;
                }

                if (!TryValue(ref reader, bytes, out var value))
                    return false;
                piece = new AtifPiece(AtifPieceKind.Member, name, value, at);
            }

            Take(reader);
            return true;
        }
    }

    private static bool TryValue(ref Utf8JsonReader reader, ReadOnlySpan<byte> bytes, out ReadOnlyMemory<byte> value)
    {
        var start = (int)reader.TokenStartIndex;
        value = default;
        if (!reader.TrySkip())
            return false;
        value = bytes[start..(int)reader.BytesConsumed].ToArray();
        return true;
    }

    private void Take(in Utf8JsonReader reader)
    {
        _state = reader.CurrentState;
        _start += (int)reader.BytesConsumed;
        _offset += reader.BytesConsumed;
    }
}
