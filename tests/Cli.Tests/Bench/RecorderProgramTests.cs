using Xunit;

namespace Rollbook.Cli.Tests.Bench;

public sealed class RecorderProgramTests
{
    [Fact]
    public void Find_WhenADirectoryHasTheLibrary_StartsItWithDotnet()
    {
        using var directory = new TemporaryDirectory();
        directory.Write("Rollbook.Silo", "a launcher");
        var library = directory.Write("Rollbook.Silo.dll", "a library");

        Assert.Equal(["dotnet", library], RecorderProgram.Find(directory.Path));
        Assert.Equal(["dotnet", library], RecorderProgram.Find(library));
    }

    [Fact]
    public void Find_WhenAProgramIsNamed_StartsIt()
    {
        using var directory = new TemporaryDirectory();
        var program = directory.Write("my-recorder", "a program");

        Assert.Equal([program], RecorderProgram.Find(program));
    }
}
