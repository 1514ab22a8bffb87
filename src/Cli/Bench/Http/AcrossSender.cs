using System.Text;
using System.Text.Json;

namespace Rollbook.Cli;

/// <summary>Sends the next steps of a whole share of the episodes in one request, and the following ones once all are answered.</summary>
internal sealed class AcrossSender(HttpConnection connection, RequestWriter writer, LoadRun run, TimeProvider time)
{
    /// <summary>The most episodes that a request may name.</summary>
    public const int MaxEpisodes = 1000;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    // 30 s of "busy" or "unavailable" without a break.
    private const int MostRetries = 600;

    private readonly List<LoadEpisode> _taken = [];
    private readonly byte[] _line = new byte[4096];
    private Dictionary<string, LoadEpisode> _byId = [];
    private int _lineLength;
    private int _retries;
    private long _sent;

    public async Task SendAsync(LoadEpisode[] episodes, CancellationToken cancellation)
    {
        _byId = episodes.ToDictionary(episode => episode.Id);
        var groups = episodes.Chunk(MaxEpisodes).ToArray();
        var busy = true;
        for (var turn = 0L; busy; turn++)
        {
            busy = false;
            foreach (var group in groups)
            {
                _taken.Clear();
                foreach (var episode in group)
                {
                    if (run.Take(episode) > 0)
                        _taken.Add(episode);
                }

                if (_taken.Count == 0)
                    continue;
                busy = true;
                // From the first try on: a refusal for being busy is time that the episodes wait.
                if (_retries == 0)
                    _sent = await run.DueAsync(group[0], turn, cancellation);
                await AppendAsync(cancellation);
            }
        }
    }

    private async ValueTask AppendAsync(CancellationToken cancellation)
    {
        var length = writer.Across(_taken, connection.Request);
        var status = await connection.SendAsync(length, cancellation);
        if (status != 200 && status is not (429 or >= 500))
        {
            var read = await connection.ReadBodyAsync(_line, cancellation);
            throw Refused($"{status}: {Encoding.UTF8.GetString(_line, 0, read)}");
        }

        _lineLength = 0;
        while (await connection.ReadBodyAsync(cancellation) is { IsEmpty: false } piece)
        {
            if (status == 200)
                Take(piece.Span);
        }

        // What has no answer is still pending: the next request has it again.
        var open = _taken.Any(episode => episode.Pending > 0);
        _retries = open ? _retries + 1 : 0;
        if (!open)
            return;
        if (_retries > MostRetries)
            throw Refused($"{status}, {MostRetries} times");
        run.Retried();
        await Task.Delay(Pause, time, cancellation);
    }

    private void Take(ReadOnlySpan<byte> piece)
    {
        while (!piece.IsEmpty)
        {
            var end = piece.IndexOf((byte)'\n');
            var part = end < 0 ? piece : piece[..end];
            if (part.Length > _line.Length - _lineLength)
                throw Refused("a line of more than 4 KiB");
            part.CopyTo(_line.AsSpan(_lineLength));
            _lineLength += part.Length;
            if (end < 0)
                return;
            Answered(_line.AsSpan(0, _lineLength));
            _lineLength = 0;
            piece = piece[(end + 1)..];
        }
    }

    private void Answered(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty)
            return;
        Span<char> id = stackalloc char[26];
        var next = -1L;
        var retry = false;
        var reader = new Utf8JsonReader(line);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName)
                continue;
            if (reader.ValueTextEquals("episode_id"u8) && reader.Read())
                id = id[..Encoding.ASCII.GetChars(reader.ValueSpan[..Math.Min(26, reader.ValueSpan.Length)], id)];
            else if (reader.ValueTextEquals("next_ordinal"u8) && reader.Read())
                next = reader.GetInt64();
            else if (reader.ValueTextEquals("retry"u8) && reader.Read())
                retry = reader.GetBoolean();
        }

        if (retry)
            return;
        if (!_byId.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(id, out var episode) || next != episode.Next + episode.Pending)
            throw Refused(Encoding.UTF8.GetString(line));
        run.Acknowledged(episode, _sent);
    }

    private static CliException Refused(string answer) => new(ExitCode.Failed, "refused", $"The recorder refused an append: {answer}");
}
