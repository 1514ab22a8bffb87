using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;

namespace Rollbook.Cli;

/// <summary>The options of <c>rollbook bench</c>.</summary>
internal sealed class BenchOptions
{
    public BenchOptions()
    {
        Via.AcceptOnlyFromAmong(BenchPlan.Http, BenchPlan.ByClient, BenchPlan.Grain);
        Mode.AcceptOnlyFromAmong(BenchPlan.Lockstep, BenchPlan.Batches, BenchPlan.Across);
        AtLeast(Episodes, 1, 100_000);
        AtLeast(Steps, 1, 10_000_000);
        AtLeast(Batch, 1, 10_000);
        AtLeast(Rate, 1, 100_000_000);
        AtLeast(Connections, 1, 20_000);
        AtLeast(Verify, 0, 100_000);
        Between(Seconds, 0.1, 86_400);
        Between(Warmup, 0, 3_600);
    }

    public Option<string> Via { get; } = new("--via")
    {
        Description = "http: the HTTP API; gateway: the C# client over the Orleans gateway; grain: a grain call an append, without the client.",
        HelpName = "http|gateway|grain",
        DefaultValueFactory = _ => BenchPlan.Http,
    };

    public Option<string> Mode { get; } = new("--mode")
    {
        Description = "lockstep, batch or across; see below.",
        HelpName = "MODE",
        DefaultValueFactory = _ => BenchPlan.Lockstep,
    };

    public Option<int> Episodes { get; } = new("--episodes") { Description = "Episodes that record at the same time.", HelpName = "N", DefaultValueFactory = _ => 1000 };

    public Option<long?> Steps { get; } = new("--steps") { Description = "Steps an episode, instead of a time.", HelpName = "N" };

    public Option<double> Seconds { get; } = new("--seconds") { Description = "Length of the measured stretch.", HelpName = "S", DefaultValueFactory = _ => 10 };

    public Option<double> Warmup { get; } = new("--warmup") { Description = "Seconds of load before it.", HelpName = "S", DefaultValueFactory = _ => 3 };

    public Option<int?> Batch { get; } = new("--batch") { Description = "Steps an append. Default: 64 in mode batch, else 1.", HelpName = "N" };

    public Option<int?> Rate { get; } = new("--rate")
    {
        Description = "Steps a second to offer, instead of as many as possible; the time to the acknowledgement then counts from when a step was due. For --via http.",
        HelpName = "N",
    };

    public Option<int?> Connections { get; } = new("--connections")
    {
        Description = "Connections to the recorder. Default: one an episode over HTTP (4 in mode across), 1 to the gateway.",
        HelpName = "N",
    };

    public Option<IPEndPoint?> Gateway { get; } = new("--gateway")
    {
        Description = "Orleans gateway of a running recorder.",
        HelpName = "HOST:PORT",
        CustomParser = ReadEndPoint,
    };

    public Option<string?> Silo { get; } = new("--silo") { Description = "The recorder's program. Default: beside this tool.", HelpName = "PATH" };

    public Option<string?> Data { get; } = new("--data")
    {
        Description = "Data directory of the recorder that is started; stays. Default: a temporary one.",
        HelpName = "DIR",
    };

    public Option<bool> RequireKeys { get; } = new("--require-keys") { Description = "Have the recorder that is started ask for a key, and send it: what the check costs." };

    public Option<int> Seed { get; } = new("--seed") { Description = "Of the content: the same number, the same bytes.", HelpName = "N", DefaultValueFactory = _ => 1 };

    public Option<int?> Verify { get; } = new("--verify") { Description = "Episodes to read back and compare. Default: all of a small run, 20 of a large one.", HelpName = "N" };

    public Option<bool> NoLimits { get; } = new("--no-limits") { Description = "Don't measure the disk and the bare calls." };

    public IEnumerable<Option> All =>
        [Via, Mode, Episodes, Steps, Seconds, Warmup, Batch, Rate, Connections, Gateway, Silo, Data, RequireKeys, Seed, Verify, NoLimits];

    private static IPEndPoint? ReadEndPoint(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        var colon = text.LastIndexOf(':');
        if (colon > 0 && int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536)
        {
            var host = text[..colon];
            if (host == "localhost")
                return new IPEndPoint(IPAddress.Loopback, port);
            if (IPAddress.TryParse(host.Trim('[', ']'), out var address))
                return new IPEndPoint(address, port);
        }

        result.AddError($"'{text}' is not a gateway. Write it like 127.0.0.1:30000.");
        return null;
    }

    private static void AtLeast<T>(Option<T> option, long least, long most) => option.Validators.Add(result =>
    {
        if (result.Tokens is [var token] && (!long.TryParse(token.Value, CultureInfo.InvariantCulture, out var number) || number < least || number > most))
            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{option.Name} lies between {least:N0} and {most:N0}."));
    });

    private static void Between(Option<double> option, double least, double most) => option.Validators.Add(result =>
    {
        if (result.Tokens is [var token] && (!double.TryParse(token.Value, CultureInfo.InvariantCulture, out var number) || !(number >= least && number <= most)))
            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{option.Name} lies between {least:N0} and {most:N0} seconds."));
    });
}
