using System.Buffers.Text;
using System.Text;

namespace Rollbook.Cli;

/// <summary>Sends the appends of a share of the episodes over one connection, in turn; each waits for its acknowledgement.</summary>
internal sealed class HttpStepSender(HttpConnection connection, RequestWriter writer, LoadRun run, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    // 30 s of "busy" or "unavailable" without a break.
    private const int MostRetries = 600;

    private readonly byte[] _body = new byte[4096];
    private int _retries;

    public async Task SendAsync(LoadEpisode[] episodes, CancellationToken cancellation)
    {
        var busy = true;
        for (var turn = 0L; busy; turn++)
        {
            busy = false;
            foreach (var episode in episodes)
            {
                if (run.Take(episode) == 0)
                    continue;
                busy = true;
                await AppendAsync(episode, await run.DueAsync(episode, turn, cancellation), cancellation);
            }
        }
    }

    private async ValueTask AppendAsync(LoadEpisode episode, long sent, CancellationToken cancellation)
    {
        var length = writer.Append(episode, connection.Request);
        // Its time runs from the first try on: a refusal for being busy is time that the episode waits.
        while (true)
        {
            var status = await connection.SendAsync(length, cancellation);
            var body = _body.AsMemory(0, await connection.ReadBodyAsync(_body, cancellation));
            if (status == 200)
            {
                Check(episode, body.Span);
                run.Acknowledged(episode, sent);
                _retries = 0;
                return;
            }

            if (status is not (429 or >= 500) || ++_retries > MostRetries)
                throw Refused(status, body.Span);
            run.Retried();
            await Task.Delay(Pause, time, cancellation);
        }
    }

    private static void Check(LoadEpisode episode, ReadOnlySpan<byte> answer)
    {
        var name = "\"next_ordinal\":"u8;
        var at = answer.IndexOf(name);
        if (at < 0 || !Utf8Parser.TryParse(answer[(at + name.Length)..], out long next, out _) || next != episode.Next + episode.Pending)
            throw new CliException(ExitCode.Failed, "bad_answer", $"The recorder acknowledged something else than what was sent: {Encoding.UTF8.GetString(answer)}");
    }

    private static CliException Refused(int status, ReadOnlySpan<byte> body) =>
        new(ExitCode.Failed, "refused", $"The recorder refused an append with {status}: {Encoding.UTF8.GetString(body)}");
}
