using DuckDB.NET.Data;

namespace Rollbook.Query;

/// <summary>How values are spread; null where there are none.</summary>
/// <param name="Count">How many of them the quantiles are of.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Std">The sample's standard deviation (n − 1).</param>
/// <param name="Min">The least.</param>
/// <param name="Max">The greatest.</param>
/// <param name="Quantiles">By <see cref="At"/>, interpolated.</param>
internal sealed record Spread(long Count, double? Mean, double? Std, double? Min, double? Max, IReadOnlyList<double?> Quantiles)
{
    /// <summary>The quantiles and their names.</summary>
    public static readonly IReadOnlyList<(string Name, string At)> At = [("p05", "0.05"), ("p25", "0.25"), ("p50", "0.5"), ("p75", "0.75"), ("p95", "0.95")];

    /// <summary>How many columns <see cref="Columns"/> gives.</summary>
    public const int Width = 4;

    /// <summary>What <see cref="Micros"/> multiplies by.</summary>
    public const double MicrosPerSecond = 1e6;

    /// <summary>Seconds as whole microseconds, whose quantiles the engine finds in half the time; null where there are too many.</summary>
    public static string Micros(string seconds) => $"TRY_CAST({seconds} * 1e6 AS BIGINT)";

    /// <summary>The aggregates of an expression.</summary>
    /// <param name="value">The expression, a DOUBLE.</param>
    /// <param name="ordered">What the quantiles are of.</param>
    public static string Columns(string value, string ordered) =>
        // The engine refuses a deviation that overflows: values whose square does are left out of it. The least and the greatest are quantiles too.
        $"count({ordered}), avg({value}), stddev_samp(CASE WHEN abs({value}) < 1e150 THEN {value} END), quantile_cont({ordered}, [0, {string.Join(", ", At.Select(at => at.At))}, 1])";

    /// <summary>Reads those columns.</summary>
    /// <param name="row">The row.</param>
    /// <param name="first">The first column.</param>
    /// <param name="per">What the quantiles are divided by.</param>
    public static Spread Read(DuckDBDataReader row, int first, double per = 1)
    {
        var quantiles = row.IsDBNull(first + 3) ? new double?[At.Count + 2] : [.. row.GetFieldValue<List<double>>(first + 3).Select(value => (double?)(value / per))];
        return new Spread(row.GetInt64(first), Number(1), Number(2), quantiles[0], quantiles[^1], quantiles[1..^1]);

        double? Number(int column) => row.IsDBNull(first + column) ? null : row.GetDouble(first + column);
    }
}
