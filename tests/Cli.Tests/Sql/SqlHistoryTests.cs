using Xunit;

namespace Rollbook.Cli.Tests.Sql;

public sealed class SqlHistoryTests
{
    [Fact]
    public void Add_KeepsStatementsOnOneLineForThePersonAlone()
    {
        using var directory = new TemporaryDirectory();
        var host = new CliHost(new StringWriter(), new StringWriter(), name => name == "XDG_STATE_HOME" ? directory.Path : null);

        var history = SqlHistory.Open(host);
        history.Add("SELECT 1;");
        history.Add("SELECT 1;");
        history.Add("SELECT\n  2;");

        Assert.Equal(["SELECT 1;", "SELECT   2;"], SqlHistory.Open(host).Lines);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(directory.Path, "rollbook", "sql-history")));
    }
}
