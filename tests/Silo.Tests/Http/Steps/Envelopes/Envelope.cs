using System.Text;
using Rollbook.Silo.Http;

namespace Rollbook.Silo.Tests.Http.Steps.Envelopes;

/// <summary>Lines with a step of one of many episodes.</summary>
internal static class Envelope
{
    public const string Step = """{"action_type":"a"}""";

    /// <summary>The id of the test's n-th episode.</summary>
    public static string Id(int n) => new EpisodeId((UInt128)(n + 1) << 64).ToString();

    public static string Key(int n) => new EpisodeKey(EpisodeKey.DefaultProject, EpisodeId.Parse(Id(n))).ToString();

    public static string Line(int episode, long ordinal, string step = Step, long? epoch = null) =>
        $$"""{"episode_id":"{{Id(episode)}}","ordinal":{{ordinal}},{{(epoch is null ? "" : $"\"writer_epoch\":{epoch},")}}"step":{{step}}}""";

    public static string Body(params IEnumerable<string> lines) => string.Join('\n', lines);

    public static List<EpisodeSteps> Read(string body) => Read(Encoding.UTF8.GetBytes(body));

    public static List<EpisodeSteps> Read(ReadOnlySpan<byte> body) => EnvelopeBatch.Read(body, Encoded.ReceivedAt);
}
