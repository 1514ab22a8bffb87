using Xunit;

namespace Rollbook.Grains.Tests.Loggers;

public sealed class LoggerKeyTests
{
    [Fact]
    public void Of_DefaultProject_IsTheHashAlone() => Assert.Matches("^[a-z2-7]{26}$", LoggerKey.Of("default", "w"));

    [Theory]
    [InlineData("default")]
    [InlineData("blue")]
    [InlineData("a-b")]
    [InlineData("abcdefghijklmnopqrstuvwxyz")]
    public void ProjectOf_Key_IsItsProject(string project) => Assert.Equal(project, LoggerKey.ProjectOf(LoggerKey.Of(project, "w.0")));

    [Theory]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("blue-aaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData(".aaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void ProjectOf_AnythingElse_IsRefused(string key) => Assert.Throws<FormatException>(() => LoggerKey.ProjectOf(key));
}
