using System.Globalization;

namespace Rollbook.Silo.Demo;

/// <summary>Reads a file of the demo's language: functions and tests, in any order.</summary>
/// <remarks>
/// <code>
/// file  = { "fn" name "(" [name {"," name}] ")" "=" expr | "test" text "=" expr }
/// expr  = "let" name "=" expr "in" expr | "if" expr "then" expr "else" expr | or
/// or    = and {"or" and}        and = not {"and" not}         not = "not" not | compare
/// compare = sum [("=="|"!="|"&lt;"|"&lt;="|">"|">=") sum]      sum = product {("+"|"-") product}
/// product = unary {("*"|"/"|"%") unary}                      unary = "-" unary | number | text | "true" | "false" | name ["(" … ")"] | "(" expr ")"
/// </code>
/// </remarks>
internal sealed class MiniParser
{
    // Deeper nesting is no program but an attack on the stack.
    private const int MaxDepth = 60;

    private static readonly string[] Keywords = ["fn", "test", "let", "in", "if", "then", "else", "and", "or", "not", "true", "false"];

    private readonly string _path;
    private readonly string _source;
    private readonly List<MiniToken> _tokens;
    private int _at;
    private int _depth;

    private MiniParser(string path, string source)
    {
        _path = path;
        _source = source;
        _tokens = MiniLexer.Read(path, source);
    }

    private MiniToken Next => _tokens[_at];

    /// <summary>Reads one file.</summary>
    /// <exception cref="MiniSyntaxException">The file is not a program; the first fault is named.</exception>
    public static (List<MiniFunction> Functions, List<MiniTest> Tests) Parse(string path, string source)
    {
        var parser = new MiniParser(path, source);
        var functions = new List<MiniFunction>();
        var tests = new List<MiniTest>();
        while (parser.Next.Kind != MiniTokenKind.End)
        {
            if (parser.Next.Is("fn"))
                functions.Add(parser.Function());
            else if (parser.Next.Is("test"))
                tests.Add(parser.Test());
            else
                throw parser.Fault("expected 'fn' or 'test'");
        }
        return (functions, tests);
    }

    private MiniFunction Function()
    {
        var line = Take("fn").Line;
        var name = Identifier();
        var parameters = new List<string>();
        Take("(");
        if (!Next.Is(")"))
        {
            parameters.Add(Identifier());
            while (TryTake(","))
                parameters.Add(Identifier());
        }
        Take(")");
        Take("=");
        return new MiniFunction(_path, line, name, parameters, Expression());
    }

    private MiniTest Test()
    {
        var line = Take("test").Line;
        if (Next.Kind != MiniTokenKind.Text)
            throw Fault("expected the test's name in quotes");
        var name = _tokens[_at++].Text;
        Take("=");
        var start = Next.Start;
        var check = Expression();
        var last = _tokens[_at - 1];
        return new MiniTest(_path, line, name, check, _source[start..(last.Start + last.Length)]);
    }

    private MiniExpression Expression()
    {
        if (++_depth > MaxDepth)
            throw Fault("nested too deep");
        try
        {
            if (TryTake("let"))
            {
                var name = Identifier();
                Take("=");
                var value = Expression();
                Take("in");
                return new MiniExpression.Let(name, value, Expression());
            }
            if (!TryTake("if"))
                return Or();
            var condition = Expression();
            Take("then");
            var one = Expression();
            Take("else");
            return new MiniExpression.If(condition, one, Expression());
        }
        finally
        {
            _depth--;
        }
    }

    private MiniExpression Or() => Chain(And, "or");

    private MiniExpression And() => Chain(Not, "and");

    private MiniExpression Not() => TryTake("not") ? new MiniExpression.Unary("not", Nested(Not)) : Compare();

    private MiniExpression Compare()
    {
        var left = Sum();
        if (Next.Kind == MiniTokenKind.Sign && Next.Text is "==" or "!=" or "<" or "<=" or ">" or ">=")
            return new MiniExpression.Binary(_tokens[_at++].Text, left, Sum());
        return left;
    }

    private MiniExpression Sum() => Chain(Product, "+", "-");

    private MiniExpression Product() => Chain(Unary, "*", "/", "%");

    private MiniExpression Unary() => TryTake("-") ? new MiniExpression.Unary("-", Nested(Unary)) : Primary();

    private MiniExpression Primary()
    {
        var token = Next;
        if (TryTake("("))
        {
            var inner = Expression();
            Take(")");
            return inner;
        }
        if (TryTake("true"))
            return new MiniExpression.Constant(true);
        if (TryTake("false"))
            return new MiniExpression.Constant(false);
        if (token.Kind == MiniTokenKind.Text)
        {
            _at++;
            return new MiniExpression.Constant(token.Text);
        }
        if (token.Kind == MiniTokenKind.Number)
        {
            if (!long.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                throw Fault("a number too large");
            _at++;
            return new MiniExpression.Constant(number);
        }
        var name = Identifier();
        return TryTake("(") ? new MiniExpression.Call(name, Arguments()) : new MiniExpression.Name(name);
    }

    private List<MiniExpression> Arguments()
    {
        var arguments = new List<MiniExpression>();
        if (TryTake(")"))
            return arguments;
        do
            arguments.Add(Expression());
        while (TryTake(","));
        Take(")");
        return arguments;
    }

    private MiniExpression Chain(Func<MiniExpression> operand, params ReadOnlySpan<string> signs)
    {
        var left = operand();
        while (true)
        {
            var found = false;
            foreach (var sign in signs)
                if (!found && TryTake(sign))
                {
                    left = new MiniExpression.Binary(sign, left, operand());
                    found = true;
                }
            if (!found)
                return left;
        }
    }

    private MiniExpression Nested(Func<MiniExpression> rule)
    {
        if (++_depth > MaxDepth)
            throw Fault("nested too deep");
        var inner = rule();
        _depth--;
        return inner;
    }

    private string Identifier()
    {
        if (Next.Kind != MiniTokenKind.Name || Keywords.Contains(Next.Text))
            throw Fault("expected a name or a value");
        return _tokens[_at++].Text;
    }

    private MiniToken Take(string text) => Next.Is(text) ? _tokens[_at++] : throw Fault($"expected '{text}'");

    private bool TryTake(string text)
    {
        if (!Next.Is(text))
            return false;
        _at++;
        return true;
    }

    private MiniSyntaxException Fault(string message) => new(_path, Next.Line, $"{message}, found '{Next.Text}'");
}
