using System.Text;
using Microsoft.Extensions.Time.Testing;
using Rollbook.Access;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Access;

public sealed class AuditLogTests : IDisposable
{
    private readonly TempDirectory directory = new();

    private string LogPath => AuditFile.PathIn(directory.Path);

    public void Dispose() => directory.Dispose();

    [Fact]
    public void Append_AfterAReopening_GoesOnWithTheChain()
    {
        Append("a", "b");
        Append("c");
        var file = AuditFile.Read(LogPath);
        Assert.Equal((3, null, false), (file.Entries, file.Fault, file.Torn));
        Assert.Equal(new FileInfo(LogPath).Length, file.Length);
    }

    [Fact]
    public void Read_AnyBitFlipped_IsFound()
    {
        Append("a", "b", "c");
        var whole = File.ReadAllBytes(LogPath);
        for (var i = 0; i < whole.Length; i++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[i] ^= 1;
            File.WriteAllBytes(LogPath, damaged);
            var file = AuditFile.Read(LogPath);
            Assert.True(file.Fault is not null || file.Torn, $"byte {i} was changed unseen");
            Assert.True(file.Entries < 3);
        }
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 2)]
    [InlineData(0, 1)]
    public void Read_LinesSwapped_IsFound(int one, int other)
    {
        Append("a", "b", "c");
        var lines = File.ReadAllLines(LogPath);
        (lines[one], lines[other]) = (lines[other], lines[one]);
        File.WriteAllLines(LogPath, lines);
        Assert.Equal(one + 1, AuditFile.Read(LogPath).Fault);
    }

    [Fact]
    public void Read_LineDropped_IsFound()
    {
        Append("a", "b", "c");
        var lines = File.ReadAllLines(LogPath);
        File.WriteAllLines(LogPath, [lines[0], lines[2]]);
        Assert.Equal(2, AuditFile.Read(LogPath).Fault);
    }

    [Fact]
    public void Append_AfterEachTornTail_TakesItAwayAndGoesOn()
    {
        Append("a", "b");
        var whole = File.ReadAllBytes(LogPath);
        var second = Array.IndexOf(whole, (byte)'\n') + 1;
        for (var length = second; length < whole.Length; length++)
        {
            File.WriteAllBytes(LogPath, whole[..length]);
            Append("again");
            Assert.Equal((2, null, false), (AuditFile.Read(LogPath).Entries, AuditFile.Read(LogPath).Fault, AuditFile.Read(LogPath).Torn));
        }
    }

    [Fact]
    public void Append_ToAChangedLog_IsRefused()
    {
        Append("a", "b");
        File.WriteAllText(LogPath, File.ReadAllText(LogPath).Replace("\"a\"", "\"x\"", StringComparison.Ordinal));
        Assert.Contains("line 1", Assert.Throws<IOException>(() => Append("c")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Append_HostileAndLongTexts_StayOneLineOfBoundedLength()
    {
        Append("\"}\n{\u001b[31m" + new string('x', 100_000));
        Assert.Single(File.ReadAllLines(LogPath));
        Assert.True(new FileInfo(LogPath).Length < 4_000);
        Assert.Null(AuditFile.Read(LogPath).Fault);
    }

    [Fact]
    public void Write_Line_IsTheGoldenOne()
    {
        var (line, hash) = AuditChain.Write(1, new DateTimeOffset(2026, 1, 5, 10, 0, 0, TimeSpan.Zero), new AuditEntry("key:a", "10.0.0.7", "export", "/v1/export", 2), AuditChain.Start);
        Assert.Equal(
            $$"""{"seq":1,"at":"2026-01-05T10:00:00.000Z","who":"key:a","from":"10.0.0.7","what":"export","on":"/v1/export","times":2,"prev":"{{new string('0', 64)}}","hash":"{{hash}}"}""",
            Encoding.UTF8.GetString(line));
        Assert.Equal(hash, AuditChain.Check(line, 1, AuditChain.Start));
        Assert.Null(AuditChain.Check(line, 2, AuditChain.Start));
    }

    private void Append(params string[] texts)
    {
        using var log = new AuditLog(LogPath, new FakeTimeProvider());
        foreach (var text in texts) log.Append(new AuditEntry(text, "127.0.0.1", "export", "x"));
    }
}
