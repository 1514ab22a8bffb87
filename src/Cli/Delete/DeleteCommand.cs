using System.CommandLine;
using System.CommandLine.Parsing;

namespace Rollbook.Cli;

/// <summary><c>rollbook delete</c>: episodes by their ids or by filters, and what became of a deletion.</summary>
internal static class DeleteCommand
{
    private const string About = """
        Delete episodes for good.

        With filters, which are those of 'rollbook ls', nothing is deleted before --yes: without it the command says how many episodes and steps that
        would be. Ids are deleted at once, or with --dry-run only counted. A running episode stays unless --abort-running ends it first; one with the
        label 'pinned' stays: remove the label first. What stays is named, the others go; the exit code is then 1.

        A deleted episode is gone from every read at once. Its bytes are taken out of the archive's files a while later: --receipt says whether they are.

        Examples:
          rollbook delete 01K8M3Z4Q0R5T6V7W8X9Y0Z1A2
          rollbook delete --status aborted --until 2026-01-31
          rollbook delete --status aborted --until 2026-01-31 --yes
          rollbook delete --receipt 01K8M3Z4Q0R5T6V7W8X9Y0Z1A2
        """;

    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromMinutes(2);

    public static Command Create(ConnectionOptions connection, CliHost host)
    {
        var ids = new Argument<string[]>("ID") { Description = "Episodes' ids.", Arity = ArgumentArity.ZeroOrMore };
        var filters = new FilterOptions();
        var receipt = new Option<string?>("--receipt") { Description = "Show what became of a deletion; nothing is deleted.", HelpName = "ID" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would be deleted; so do filters without --yes." };
        var yes = new Option<bool>("--yes") { Description = "Delete what the filters choose." };
        var abort = new Option<bool>("--abort-running") { Description = "End running episodes, as aborted, and delete them, too." };
        var command = DetailedHelp.NewCommand("delete", About);
        command.Add(ids);
        filters.AddTo(command);
        command.Add(receipt);
        command.Add(dryRun);
        command.Add(yes);
        command.Add(abort);
        command.Validators.Add(result => Check(result, ids, filters, receipt, dryRun, yes));
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = connection.Connect(parsed, GiveUpAfter, answerWithin: TimeSpan.FromMinutes(1));
            var report = new DeleteReport(host, parsed.GetValue(connection.Json));
            if (parsed.GetValue(receipt) is { } id)
            {
                report.Receipt(await client.GetDeletionJsonAsync(id, cancellationToken));
                return ExitCode.Ok;
            }

            var run = new DeleteRun(client, report, parsed.GetValue(abort));
            var named = parsed.GetRequiredValue(ids);
            var only = parsed.GetValue(dryRun);
            return named.Length > 0
                ? await run.ByIdsAsync(named, only, cancellationToken)
                : await run.ByFilterAsync(filters.Read(parsed), only || !parsed.GetValue(yes), cancellationToken);
        });
        return command;
    }

    private static void Check(CommandResult result, Argument<string[]> ids, FilterOptions filters, Option<string?> receipt, Option<bool> dryRun, Option<bool> yes)
    {
        var named = result.GetResult(ids) is { Tokens.Count: > 0 };
        var filtered = filters.AreGiven(result);
        if (result.GetResult(receipt) is { Implicit: false })
        {
            if (named || filtered)
                result.AddError("--receipt only shows a deletion: give it alone.");
        }
        else if (named && filtered)
            result.AddError("Name episodes by their ids or by filters, not by both.");
        else if (named && result.GetValue(ids)!.FirstOrDefault(static id => !EpisodeId.TryParse(id, out _)) is { } wrong)
            result.AddError($"'{wrong}' is no episode's id: they have 26 characters, and 'rollbook ls' shows them. All episodes of a worker: --worker NAME.");
        else if (!named && !filtered)
            result.AddError("Name the episodes to delete by their ids or by filters, such as --status aborted.");
        if (result.GetResult(dryRun) is { Implicit: false } && result.GetResult(yes) is { Implicit: false })
            result.AddError("--dry-run deletes nothing and --yes does: decide for one.");
    }
}
