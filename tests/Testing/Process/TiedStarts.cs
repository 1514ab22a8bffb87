using System.Collections.Concurrent;
using System.Diagnostics;

namespace Rollbook.Testing;

/// <summary>
/// Starts processes that end with the test's, however that one ends. Linux ends such a child with the <em>thread</em> that started it (prctl(2), PR_SET_PDEATHSIG), and those of the pool come and
/// go: so one thread of its own starts them all. Elsewhere, and without <c>setpriv</c>, they are started as ever.
/// </summary>
internal static class TiedStarts
{
    private static readonly string? Setpriv = OperatingSystem.IsLinux() ? Array.Find(["/usr/bin/setpriv", "/bin/setpriv"], File.Exists) : null;
    private static readonly BlockingCollection<(ProcessStartInfo Info, TaskCompletionSource<System.Diagnostics.Process> Started)> Wanted = [];

    static TiedStarts() => new Thread(StartAll) { IsBackground = true, Name = nameof(TiedStarts) }.Start();

    public static System.Diagnostics.Process Start(ProcessStartInfo info)
    {
        // A program that is not there is said at once and by name, not by setpriv.
        if (Setpriv is null || !OnPath(info.FileName)) return System.Diagnostics.Process.Start(info)!;
        string[] tie = ["--pdeathsig", "KILL", info.FileName];
        for (var i = 0; i < tie.Length; i++) info.ArgumentList.Insert(i, tie[i]);
        info.FileName = Setpriv;
        var started = new TaskCompletionSource<System.Diagnostics.Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Wanted.Add((info, started));
        return started.Task.GetAwaiter().GetResult();
    }

    private static void StartAll()
    {
        foreach (var (info, started) in Wanted.GetConsumingEnumerable())
        {
            try
            {
                started.SetResult(System.Diagnostics.Process.Start(info)!);
            }
            catch (Exception failure)
            {
                started.SetException(failure);
            }
        }
    }

    private static bool OnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator).Any(place => File.Exists(Path.Combine(place, program)));
}
