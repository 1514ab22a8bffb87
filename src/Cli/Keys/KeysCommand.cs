using System.CommandLine;

namespace Rollbook.Cli;

/// <summary><c>rollbook keys</c>: makes, lists, rotates and revokes API keys.</summary>
internal static class KeysCommand
{
    private const string About = """
        Make, list, rotate and revoke the recorder's API keys.

        The recorder asks for keys where it was started with --require-keys; its first start prints one that may do everything. Each use of it here needs a key with
        the scope admin, in ROLLBOOK_API_KEY.

        Scopes: ingest (record, score, label), read (episodes, workers, lists), query (statistics and SQL), export, delete, admin (keys). None implies another.

        Examples:
          rollbook keys create --name trainer-7 --scopes ingest,read --expires 90d
          rollbook keys list
          rollbook keys rotate q2xw7ezn4k5a --overlap 2d
          rollbook keys revoke q2xw7ezn4k5a
        """;

    private const string AboutCreate = """
        Make a key and print it, once.

        Without --project it is for the project of the key that makes it. Another project, or '*' for all of them, needs a key of all projects. Only the key
        stands on the standard output, so that it goes into a variable or a file.

        Examples:
          rollbook keys create --name trainer-7 --scopes ingest,read
          export ROLLBOOK_API_KEY=$(rollbook keys create --name ci --scopes ingest --expires 12h)
          rollbook keys create --name "team blue" --scopes admin,ingest,read,query,export,delete --project blue
        """;

    private const string AboutList = """
        List the keys: what they may do, until when, and when they were last used.

        Keys themselves are not shown: the recorder has only their hashes. Revoked and expired ones are shown for 90 days.

        Examples:
          rollbook keys list
          rollbook keys list --json
        """;

    private const string AboutRotate = """
        Make a key with the same rights in the place of another, and print it, once.

        The other is accepted for a day longer, or for --overlap (at most 30d), so that its users can change over.

        Examples:
          rollbook keys rotate q2xw7ezn4k5a
          rollbook keys rotate q2xw7ezn4k5a --overlap 0s --expires 90d
        """;

    private const string AboutRevoke = """
        Revoke a key: nobody gets in with it any more, within 5 seconds on every silo.

        Example:
          rollbook keys revoke q2xw7ezn4k5a
        """;

    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(30);

    public static Command Create(ConnectionOptions connection, CliHost host)
    {
        var command = DetailedHelp.NewCommand("keys", About);
        command.Add(NewCreate(connection, host));
        command.Add(NewList(connection, host));
        command.Add(NewRotate(connection, host));
        command.Add(NewRevoke(connection, host));
        return command;
    }

    private static Command NewCreate(ConnectionOptions connection, CliHost host)
    {
        var name = new Option<string>("--name") { Description = "What it is for.", HelpName = "TEXT", Required = true };
        var scopes = new Option<string[]>("--scopes") { Description = "What it may do, with commas between.", HelpName = "SCOPES", Required = true };
        scopes.CompletionSources.Add("ingest", "read", "query", "export", "delete", "admin");
        var project = new Option<string?>("--project") { Description = "Its project, or * for all.", HelpName = "NAME" };
        var expires = LifeTime.NewOption("--expires", "After which time it is refused, such as 90d or 12h. Default: never.");
        var command = DetailedHelp.NewCommand("create", AboutCreate);
        command.Add(name);
        command.Add(scopes);
        command.Add(project);
        command.Add(expires);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = connection.Connect(parsed, GiveUpAfter);
            string[] wanted = [.. parsed.GetRequiredValue(scopes).SelectMany(static text => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
            await Report(connection, host, parsed).MadeAsync(
                await client.Keys.CreateJsonAsync(parsed.GetRequiredValue(name), wanted, parsed.GetValue(project), parsed.GetValue(expires), cancellationToken));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command NewList(ConnectionOptions connection, CliHost host)
    {
        var command = DetailedHelp.NewCommand("list", AboutList);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = connection.Connect(parsed, GiveUpAfter);
            await Report(connection, host, parsed).ListAsync(await client.Keys.ListJsonAsync(cancellationToken));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command NewRotate(ConnectionOptions connection, CliHost host)
    {
        var id = NewId();
        var overlap = LifeTime.NewOption("--overlap", "For how long the other is still accepted. Default: 1d.");
        var expires = LifeTime.NewOption("--expires", "After which time the new one is refused. Default: never.");
        var command = DetailedHelp.NewCommand("rotate", AboutRotate);
        command.Add(id);
        command.Add(overlap);
        command.Add(expires);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = connection.Connect(parsed, GiveUpAfter);
            await Report(connection, host, parsed).MadeAsync(
                await client.Keys.RotateJsonAsync(parsed.GetRequiredValue(id), parsed.GetValue(overlap), parsed.GetValue(expires), cancellationToken));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command NewRevoke(ConnectionOptions connection, CliHost host)
    {
        var id = NewId();
        var command = DetailedHelp.NewCommand("revoke", AboutRevoke);
        command.Add(id);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = connection.Connect(parsed, GiveUpAfter);
            await Report(connection, host, parsed).RevokedAsync(await client.Keys.RevokeJsonAsync(parsed.GetRequiredValue(id), cancellationToken));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Argument<string> NewId() => new("ID") { Description = "The key's id, as 'rollbook keys list' shows it: the 12 characters behind rb_." };

    private static KeyReport Report(ConnectionOptions connection, CliHost host, ParseResult parsed) =>
        new(host, connection.Console(parsed), parsed.GetValue(connection.Json));
}
