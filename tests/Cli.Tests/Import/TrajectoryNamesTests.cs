using System.Text.RegularExpressions;
using CsCheck;
using Xunit;

namespace Rollbook.Cli.Tests.Import;

public sealed class TrajectoryNamesTests
{
    [Theory]
    [InlineData("/data/swe/marshmallow-1867__default.traj", "marshmallow-1867", "default")]
    [InlineData("/data/swe/marshmallow-1867__xml_cursors.traj", "marshmallow-1867", "xml_cursors")]
    [InlineData("/data/swe/owner__repo-12.traj", "owner__repo-12", "swe-agent")]
    [InlineData("/data/swe/owner__repo-12__a__b.traj", "owner__repo-12", "a__b")]
    [InlineData("/data/swe/crypto__eps.traj", "crypto__eps", "swe-agent")]
    [InlineData("/data/owner__repo-12/run1.traj", "owner__repo-12", "swe-agent")]
    [InlineData("/data/plain/run1.traj", "run1", "swe-agent")]
    public void TaskAndVariant_ByPath_AreInstanceAndRest(string path, string task, string variant)
    {
        Assert.Equal(task, TrajectoryNames.Task(path, named: null));
        Assert.Equal(variant, TrajectoryNames.Variant(path));
    }

    [Fact]
    public void Task_WhenFileNamesIt_IsThat() => Assert.Equal("org/repo#12", TrajectoryNames.Task("/data/x-1.traj", "org/repo#12"));

    [Theory]
    [InlineData("/x/a b(é).traj", "a_b___")]
    [InlineData("/x/..traj", "-cdb4ee2a")]
    [InlineData("/x/A.b~c:d@e+f-g.traj", "A.b~c:d@e+f-g")]
    public void Worker_WhenNameHasOtherCharacters_StaysInTheAlphabet(string path, string worker)
    {
        var name = TrajectoryNames.Worker(path);

        Assert.Matches("^[A-Za-z0-9._~:@+-]{1,128}$", name);
        Assert.Equal(worker.Length, name.Length);
        if (!worker.StartsWith('-'))
            Assert.StartsWith(worker[..3], name, StringComparison.Ordinal);
    }

    [Fact]
    public void Worker_WhateverTheName_IsOneThatTheRecorderTakes() =>
        Gen.String.Where(name => !name.Contains('/', StringComparison.Ordinal)).Sample(
            name => Regex.IsMatch(TrajectoryNames.Worker("/d/" + name + ".traj"), "^[A-Za-z0-9._~:@+-]{1,128}$")
                && TrajectoryNames.Worker("/d/" + name + ".traj") is not ("." or ".."));

    [Fact]
    public void Worker_WhenLongNamesDifferAtTheEnd_TellsThemApart()
    {
        var name = new string('a', 200);

        Assert.NotEqual(TrajectoryNames.Worker($"/d/{name}1.traj"), TrajectoryNames.Worker($"/d/{name}2.traj"));
    }
}
