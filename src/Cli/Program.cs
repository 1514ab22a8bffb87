using Rollbook.Cli;

return await RollbookCli.RunAsync(args, CliHost.OfProcess());
