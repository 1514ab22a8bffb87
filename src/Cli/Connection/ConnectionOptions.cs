using System.CommandLine;
using System.CommandLine.Parsing;
using Rollbook.Client;
using Spectre.Console;

namespace Rollbook.Cli;

/// <summary>The options that every command has.</summary>
internal sealed class ConnectionOptions
{
    private readonly CliHost _host;

    public ConnectionOptions(CliHost host)
    {
        _host = host;
        Url = new Option<Uri>("--url")
        {
            Description = "Address of the recorder. Environment: ROLLBOOK_URL.",
            HelpName = "URL",
            Recursive = true,
            DefaultValueFactory = _ => Parse(host.Variable("ROLLBOOK_URL")) ?? new RollbookHttpOptions().BaseAddress,
            CustomParser = result => Parse(result.Tokens[0].Value) ?? Refuse(result),
        };
        ApiKey = new Option<string?>("--api-key")
        {
            Description = "Key for the recorder. Environment: ROLLBOOK_API_KEY, which other users of this machine can't read.",
            HelpName = "KEY",
            Recursive = true,
        };
        Json = new Option<bool>("--json") { Description = "Print JSON for scripts, errors too.", Recursive = true };
        Color = new Option<ColorMode>("--color")
        {
            Description = "auto, always or never. auto: on a terminal, unless NO_COLOR is set.",
            HelpName = "WHEN",
            Recursive = true,
            CustomParser = result => Enum.TryParse<ColorMode>(result.Tokens[0].Value, ignoreCase: true, out var mode) && Enum.IsDefined(mode)
                ? mode
                : RefuseColor(result),
        };
        Color.CompletionSources.Clear();
        Color.CompletionSources.Add("auto", "always", "never");
    }

    public Option<Uri> Url { get; }

    public Option<string?> ApiKey { get; }

    public Option<bool> Json { get; }

    public Option<ColorMode> Color { get; }

    /// <summary>The console of the results, in the colours that were asked for.</summary>
    public IAnsiConsole Console(ParseResult parsed) => _host.OutConsole(parsed.GetValue(Color));

    /// <summary>A client that gives up after so long: a person waits for a read, but an import can outlast a restart.</summary>
    public RollbookHttpClient Connect(ParseResult parsed, TimeSpan giveUpAfter, TimeSpan? answerWithin = null) => new(new RollbookHttpOptions
    {
        RequestTimeout = answerWithin ?? new RollbookHttpOptions().RequestTimeout,
        BaseAddress = parsed.GetValue(Url) ?? throw new CliException(
            ExitCode.Usage, "usage", "ROLLBOOK_URL is not an http or https address. Write it like http://127.0.0.1:5080."),
        ApiKey = parsed.GetValue(ApiKey) ?? _host.Variable("ROLLBOOK_API_KEY"),
        GiveUpAfter = giveUpAfter,
        TimeProvider = _host.Time,
    });

    private static Uri? Parse(string? text)
    {
        // A list of addresses is allowed for other clients; this one takes the first.
        var first = text?.Split(',', 2, StringSplitOptions.TrimEntries)[0];
        if (!Uri.TryCreate(first, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            return null;
        return uri.AbsoluteUri.EndsWith('/') ? uri : new Uri(uri.AbsoluteUri + "/");
    }

    private static ColorMode RefuseColor(ArgumentResult result)
    {
        result.AddError($"'{result.Tokens[0].Value}' is not a way to colour. Write auto, always or never.");
        return ColorMode.Auto;
    }

    private static Uri? Refuse(ArgumentResult result)
    {
        result.AddError($"'{result.Tokens[0].Value}' is not an http or https address. Write it like http://127.0.0.1:5080.");
        return null;
    }
}
