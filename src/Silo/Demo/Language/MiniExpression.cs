namespace Rollbook.Silo.Demo;

/// <summary>An expression of the demo's language. Values are <see cref="long"/>, <see cref="string"/> and <see cref="bool"/>.</summary>
internal abstract record MiniExpression
{
    /// <summary>A literal.</summary>
    public sealed record Constant(object Value) : MiniExpression;

    /// <summary>A parameter or a name bound by <c>let</c>.</summary>
    public sealed record Name(string Text) : MiniExpression;

    /// <summary><c>let name = value in body</c>.</summary>
    public sealed record Let(string Text, MiniExpression Value, MiniExpression Body) : MiniExpression;

    /// <summary><c>if condition then one else other</c>.</summary>
    public sealed record If(MiniExpression Condition, MiniExpression One, MiniExpression Other) : MiniExpression;

    /// <summary><c>not x</c> or <c>-x</c>.</summary>
    public sealed record Unary(string Sign, MiniExpression Operand) : MiniExpression;

    /// <summary>Two operands; <c>and</c> and <c>or</c> leave the right one out where the left one decides.</summary>
    public sealed record Binary(string Sign, MiniExpression Left, MiniExpression Right) : MiniExpression;

    /// <summary>A call of a function of the repository or of a built-in one.</summary>
    public sealed record Call(string Function, IReadOnlyList<MiniExpression> Arguments) : MiniExpression;
}

/// <summary><c>fn name(parameters) = body</c>.</summary>
internal sealed record MiniFunction(string Path, int Line, string Name, IReadOnlyList<string> Parameters, MiniExpression Body);

/// <summary><c>test "name" = check</c>, with the text of the check for the report.</summary>
internal sealed record MiniTest(string Path, int Line, string Name, MiniExpression Check, string Source);
