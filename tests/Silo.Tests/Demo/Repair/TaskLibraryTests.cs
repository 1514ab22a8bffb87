using Rollbook.Silo.Demo;
using Xunit;

namespace Rollbook.Silo.Tests.Demo;

public sealed class TaskLibraryTests
{
    public static TheoryData<string> Names => [.. TaskLibrary.All.Select(task => task.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Files_WhenNothingIsSeeded_PassAllTests(string name) => Assert.Equal([], Failures(Task(name).Files));

    [Theory]
    [MemberData(nameof(Names))]
    public void Bugs_WhenSeededAlone_EachFailsSomeTestsButNotAll(string name)
    {
        var task = Task(name);
        var tests = MiniProgram.Load(Sources(task.Files)).Tests.Count;
        Assert.All(task.Bugs, bug =>
        {
            var right = task.Files[bug.Path];
            Assert.Single(Occurrences(right, bug.Right));
            var files = new Dictionary<string, string>(task.Files) { [bug.Path] = right.Replace(bug.Right, bug.Wrong, StringComparison.Ordinal) };
            Assert.InRange(Failures(files).Count, 1, tests - 1);
            Assert.Contains(bug.Function, MiniProgram.Load(Sources(files)).Functions);
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void BrokenFiles_WhenEveryBugIsPutRight_AreTheRightFiles(string name)
    {
        var task = Task(name);
        for (var variant = 0; variant < task.Variants.Count; variant++)
        {
            var files = task.BrokenFiles(variant);
            Assert.NotEmpty(Failures(files));
            foreach (var bug in task.BugsOf(variant))
            {
                Assert.Single(Occurrences(files[bug.Path], bug.Wrong));
                files[bug.Path] = files[bug.Path].Replace(bug.Wrong, bug.Right, StringComparison.Ordinal);
            }
            Assert.Equal(task.Files, files);
        }
    }

    private static RepairTask Task(string name) => TaskLibrary.All.Single(task => task.Name == name);

    private static List<string> Failures(IEnumerable<KeyValuePair<string, string>> files) =>
        [.. MiniProgram.Load(Sources(files)).RunTests().Where(result => !result.Passed).Select(result => $"{result.Test.Name}: {result.Message}")];

    private static IEnumerable<KeyValuePair<string, string>> Sources(IEnumerable<KeyValuePair<string, string>> files) =>
        files.Where(file => file.Key.EndsWith(".mini", StringComparison.Ordinal));

    private static List<int> Occurrences(string text, string part)
    {
        var places = new List<int>();
        for (var at = text.IndexOf(part, StringComparison.Ordinal); at >= 0; at = text.IndexOf(part, at + 1, StringComparison.Ordinal))
            places.Add(at);
        return places;
    }
}
