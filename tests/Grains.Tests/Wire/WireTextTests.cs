using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using Orleans;
using Xunit;

namespace Rollbook.Grains.Tests.Wire;

/// <summary>
/// Orleans writes what calls carry into its finest log lines and into the messages of time-outs, so no wire type may tell content in its text.
/// </summary>
public sealed class WireTextTests
{
    private const string Content = "hunter2-PAYLOAD";

    // What stands in grain keys and paths is no content, nor is a field's name, a large value's hash, or which file is damaged.
    private static readonly string[] Names = ["Project", "Worker", "Writer", "Field", "Blob", "Damage"];

    public static TheoryData<Type> Types => [.. typeof(EpisodeRecord).Assembly.GetTypes()
        .Where(static type => type.GetCustomAttribute<AliasAttribute>()?.Alias.StartsWith("rollbook.", StringComparison.Ordinal) == true && type is { IsInterface: false, IsEnum: false }
            // The text of a refusal is the recorder's own, and meant for logs.
            && !typeof(Exception).IsAssignableFrom(type))];

    [Theory]
    [MemberData(nameof(Types))]
    public void ToString_OfAWireType_TellsNoContent(Type type)
    {
        var text = Fill(type, "").ToString()!;
        Assert.DoesNotContain(Content, text, StringComparison.Ordinal);
    }

    [Fact]
    public void Fill_PutsTheContentIntoNestedRecords()
    {
        var reply = (StartReply)Fill(typeof(StartReply), "");
        Assert.Equal((Content, Content), (reply.Record!.Metadata, reply.Record.Task));
        Assert.True(Types.Count > 20, $"only {Types.Count} types");
    }

    private static object Fill(Type type, string name)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string)) return Names.Contains(name) ? "name" : Content;
        if (type == typeof(ReadOnlyMemory<byte>)) return new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(Content));
        if (type.IsArray) return Filled(type.GetElementType()!);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)) return Filled(type.GetGenericArguments()[0]);
        var made = RuntimeHelpers.GetUninitializedObject(type);
        if (type.Namespace?.StartsWith("Rollbook", StringComparison.Ordinal) != true || type.IsEnum) return made;
        foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public))
            field.SetValue(made, Fill(field.FieldType, field.Name.Trim('<').Split('>')[0]));
        return made;
    }

    private static Array Filled(Type element)
    {
        var array = Array.CreateInstance(element, 1);
        array.SetValue(Fill(element, ""), 0);
        return array;
    }
}
