using Xunit;

namespace Rollbook.Cli.Tests.Sql;

public sealed class LineEditorTests
{
    private static readonly string[] Names = ["episodes", "episode_id", "status", "steps"];

    [Fact]
    public void Press_Letters_InsertsAtTheCursor()
    {
        var editor = Typed("ac");
        editor.Press(Key(ConsoleKey.LeftArrow));
        editor.Press(Key('b'));
        Assert.Equal(("abc", 2), (editor.Text, editor.Cursor));
        Assert.True(editor.Press(Key(ConsoleKey.Enter)));
    }

    [Theory]
    [InlineData(ConsoleKey.Backspace, "ab")]
    [InlineData(ConsoleKey.Home, "abc")]
    public void Press_EditingKeys_ChangeTheLine(ConsoleKey key, string text)
    {
        var editor = Typed("abc");
        editor.Press(Key(key));
        Assert.Equal(text, editor.Text);
    }

    [Fact]
    public void Press_UpAndDown_WalkTheHistoryAndComeBackToWhatWasTyped()
    {
        var editor = Typed("new", "first", "second");
        editor.Press(Key(ConsoleKey.UpArrow));
        Assert.Equal("second", editor.Text);
        editor.Press(Key(ConsoleKey.UpArrow));
        editor.Press(Key(ConsoleKey.UpArrow));
        Assert.Equal("first", editor.Text);
        editor.Press(Key(ConsoleKey.DownArrow));
        editor.Press(Key(ConsoleKey.DownArrow));
        Assert.Equal(("new", 3), (editor.Text, editor.Cursor));
    }

    [Theory]
    [InlineData("select sta", "select status ")]
    [InlineData("EPI", "episode")]
    [InlineData("x.st", "x.st")]
    [InlineData("nothing", "nothing")]
    public void Press_Tab_CompletesAsFarAsItIsSure(string typed, string text)
    {
        var editor = Typed(typed);
        editor.Press(Key(ConsoleKey.Tab));
        Assert.Equal(text, editor.Text);
        Assert.Equal(typed == "x.st" ? ["status", "steps"] : [], editor.Choices);
    }

    [Theory]
    [InlineData("SELECT 1", false)]
    [InlineData("SELECT 1; ", true)]
    [InlineData("exit", true)]
    public void IsWhole_WhenAStatementEnds_IsTrue(string text, bool whole) => Assert.Equal(whole, SqlPrompt.IsWhole(text));

    private static LineEditor Typed(string text, params string[] history)
    {
        var editor = new LineEditor(history, Names);
        foreach (var letter in text)
            editor.Press(Key(letter));
        return editor;
    }

    private static ConsoleKeyInfo Key(ConsoleKey key) => new('\0', key, false, false, false);

    private static ConsoleKeyInfo Key(char letter) => new(letter, ConsoleKey.NoName, false, false, false);
}
