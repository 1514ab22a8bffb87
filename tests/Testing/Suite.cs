using System.Reflection;
using Xunit;

namespace Rollbook.Testing;

/// <summary>Runs the facts of a suite without a test runner, for the tests that prove that a broken provider fails it.</summary>
public static class Suite
{
    /// <summary>The names of the facts that fail, in order.</summary>
    /// <param name="create">Makes the suite anew for each fact, as the runner does.</param>
    public static async Task<IReadOnlyList<string>> FailuresAsync<TSuite>(Func<TSuite> create)
        where TSuite : notnull
    {
        var failed = new List<string>();
        foreach (var fact in typeof(TSuite).GetMethods().Where(method => method.GetCustomAttribute<FactAttribute>() is not null).OrderBy(m => m.Name, StringComparer.Ordinal))
        {
            var suite = create();
            try
            {
                await (Task)fact.Invoke(suite, null)!;
            }
            catch (Exception)
            {
                failed.Add(fact.Name);
            }
            finally
            {
                (suite as IDisposable)?.Dispose();
            }
        }

        return failed;
    }
}
