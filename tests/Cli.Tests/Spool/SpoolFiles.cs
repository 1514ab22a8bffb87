using System.IO.Hashing;
using System.Text;

namespace Rollbook.Cli.Tests.Spool;

/// <summary>Spool files as the Python client writes them.</summary>
internal static class SpoolFiles
{
    public static string Line(string json) => $"{Crc32.HashToUInt32(Encoding.UTF8.GetBytes(json)):x8} {json}\n";

    public static string Text(params string[] records) => string.Concat(records.Select(Line));

    public static string Start(string id) =>
        $$$"""{"do":"start","worker":"w.0","key":"k-{{{id}}}","body":{"task":"t","variant_id":"v","episode_id":"{{{id}}}","start_time":1763890000.125}}""";

    public static string Steps(string id, int from, params string[] steps) =>
        $$$"""{"do":"steps","episode_id":"{{{id}}}","writer_epoch":1,"from":{{{from}}},"steps":[{{{string.Join(", ", steps)}}}]}""";

    public static string End(string id, int next) =>
        $$$"""{"do":"end","episode_id":"{{{id}}}","body":{"next_ordinal":{{{next}}},"writer_epoch":1,"end_cause":"submitted"}}""";
}
