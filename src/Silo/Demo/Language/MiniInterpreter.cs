using System.Globalization;

namespace Rollbook.Silo.Demo;

/// <summary>Evaluates expressions of a program. It always comes to an end: fuel and depth are bounded. Not thread-safe.</summary>
internal sealed class MiniInterpreter(MiniProgram program)
{
    // A wrong edit often makes a recursion endless. Right programs of the demo take a few hundred.
    private const int Fuel = 20_000;
    private const int MaxDepth = 120;

    // Names and texts that a wrong edit makes grow without end.
    private const int MaxText = 10_000;

    private int _fuel = Fuel;
    private int _depth;

    /// <summary>Evaluates an expression outside any function.</summary>
    /// <exception cref="MiniException">A wrong type, an unknown name, a division by zero, no fuel left.</exception>
    public object Evaluate(MiniExpression expression) => Evaluate(expression, Scope.Empty);

    /// <summary>Writes a value as a literal.</summary>
    public static string Show(object value) => value switch
    {
        string text => $"\"{text}\"",
        bool truth => truth ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private object Evaluate(MiniExpression expression, Scope scope)
    {
        if (--_fuel < 0)
            throw new MiniException("out of fuel (an endless recursion?)");
        return expression switch
        {
            MiniExpression.Constant constant => constant.Value,
            MiniExpression.Name name => scope.Find(name.Text),
            MiniExpression.Let let => Evaluate(let.Body, new Scope(let.Text, Evaluate(let.Value, scope), scope)),
            MiniExpression.If choice => Evaluate(Truth(Evaluate(choice.Condition, scope)) ? choice.One : choice.Other, scope),
            MiniExpression.Unary { Sign: "not" } unary => !Truth(Evaluate(unary.Operand, scope)),
            MiniExpression.Unary unary => Checked(() => checked(-Number(Evaluate(unary.Operand, scope)))),
            MiniExpression.Binary { Sign: "and" } both => Truth(Evaluate(both.Left, scope)) && Truth(Evaluate(both.Right, scope)),
            MiniExpression.Binary { Sign: "or" } any => Truth(Evaluate(any.Left, scope)) || Truth(Evaluate(any.Right, scope)),
            MiniExpression.Binary binary => Apply(binary.Sign, Evaluate(binary.Left, scope), Evaluate(binary.Right, scope)),
            MiniExpression.Call call => Call(call, scope),
            _ => throw new InvalidOperationException($"No rule for {expression.GetType().Name}."),
        };
    }

    private object Call(MiniExpression.Call call, Scope scope)
    {
        var arguments = new object[call.Arguments.Count];
        for (var i = 0; i < arguments.Length; i++)
            arguments[i] = Evaluate(call.Arguments[i], scope);
        if (!program.Functions.TryGetValue(call.Function, out var function))
            return MiniBuiltins.Call(call.Function, arguments);
        if (arguments.Length != function.Parameters.Count)
            throw new MiniException($"{call.Function} takes {function.Parameters.Count} values, not {arguments.Length}");
        var inner = Scope.Empty;
        for (var i = 0; i < arguments.Length; i++)
            inner = new Scope(function.Parameters[i], arguments[i], inner);
        if (++_depth > MaxDepth)
            throw new MiniException($"calls nested too deep in {call.Function}");
        var result = Evaluate(function.Body, inner);
        _depth--;
        return result;
    }

    private static object Apply(string sign, object left, object right) => sign switch
    {
        "==" => left.Equals(right),
        "!=" => !left.Equals(right),
        "+" when left is string || right is string => Bounded(Text(left) + Text(right)),
        "<" => Compare(left, right) < 0,
        "<=" => Compare(left, right) <= 0,
        ">" => Compare(left, right) > 0,
        ">=" => Compare(left, right) >= 0,
        _ => Calculate(sign, Number(left), Number(right)),
    };

    private static object Calculate(string sign, long left, long right)
    {
        if (sign is "/" or "%" && right == 0)
            throw new MiniException("division by zero");
        return Checked(() => checked(sign switch
        {
            "+" => left + right,
            "-" => left - right,
            "*" => left * right,
            "/" => left / right,
            "%" => left % right,
            _ => throw new InvalidOperationException($"No operator '{sign}'."),
        }));
    }

    private static object Checked(Func<long> calculate)
    {
        try
        {
            return calculate();
        }
        catch (OverflowException)
        {
            throw new MiniException("a number too large");
        }
    }

    private static int Compare(object left, object right) => left is string && right is string
        ? string.CompareOrdinal((string)left, (string)right)
        : Number(left).CompareTo(Number(right));

    private static string Bounded(string text) =>
        text.Length <= MaxText ? text : throw new MiniException("a text too long");

    internal static long Number(object value) =>
        value is long number ? number : throw new MiniException($"{Show(value)} is not a number");

    internal static string Text(object value) =>
        value as string ?? throw new MiniException($"{Show(value)} is not a text");

    private static bool Truth(object value) =>
        value is bool truth ? truth : throw new MiniException($"{Show(value)} is neither true nor false");

    private sealed record Scope(string Name, object Value, Scope? Outer)
    {
        public static Scope Empty { get; } = new("", false, null);

        public object Find(string name)
        {
            for (var scope = this; scope is not null; scope = scope.Outer)
                if (scope.Name == name)
                    return scope.Value;
            throw new MiniException($"unknown name '{name}'");
        }
    }
}
