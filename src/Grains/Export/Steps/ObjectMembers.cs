using System.Text;
using System.Text.Json;

namespace Rollbook.Export;

/// <summary>The members of a JSON object, one after another, with their values as they stand. The text was checked when it came in.</summary>
internal ref struct ObjectMembers
{
    private readonly ReadOnlySpan<byte> json;
    private Utf8JsonReader reader;

    /// <summary>Of a JSON value; anything but an object has none, nor has an empty text.</summary>
    public ObjectMembers(ReadOnlySpan<byte> json)
    {
        this.json = json.StartsWith("{"u8) ? json : "{}"u8;
        reader = new Utf8JsonReader(this.json, new JsonReaderOptions { MaxDepth = JsonText.MaxDepth });
        reader.Read();
    }

    /// <summary>The name as it stands, without its quotes.</summary>
    public ReadOnlySpan<byte> RawName { get; private set; }

    /// <summary>Whether the name has escapes.</summary>
    public bool Escaped { get; private set; }

    /// <summary>The name.</summary>
    public readonly string Name
    {
        get
        {
            if (!Escaped) return Encoding.UTF8.GetString(RawName);
            var quoted = new Utf8JsonReader([.. "\""u8, .. RawName, .. "\""u8]);
            quoted.Read();
            return quoted.GetString()!;
        }
    }

    /// <summary>The value as it stands.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Goes to the next member.</summary>
    public bool Next()
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.PropertyName) return false;
        RawName = reader.ValueSpan;
        Escaped = reader.ValueIsEscaped;
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        Value = json[start..(int)reader.BytesConsumed];
        return true;
    }

    /// <summary>The value of the last member of a name that needs no escapes; empty where there is none.</summary>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> found = [];
        for (var members = new ObjectMembers(json); members.Next();)
        {
            if (members.RawName.SequenceEqual(name)) found = members.Value;
        }

        return found;
    }
}
