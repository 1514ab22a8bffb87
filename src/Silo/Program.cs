using Rollbook.Query;
using Rollbook.Silo.Hosting;

if (args is [QueryWorker.Verb]) return QueryWorker.Run(Console.OpenStandardInput(), Console.OpenStandardOutput());
return await SiloHost.RunAsync(args, Console.Out, Console.Error);
