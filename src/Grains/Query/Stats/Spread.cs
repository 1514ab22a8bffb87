using DuckDB.NET.Data;

namespace Rollbook.Query;

/// <summary>How values are spread; null where there are none.</summary>
/// <param name="Mean">Their mean.</param>
/// <param name="Std">The sample's standard deviation (n − 1).</param>
/// <param name="Min">The least.</param>
/// <param name="Max">The greatest.</param>
/// <param name="Quantiles">By <see cref="At"/>, interpolated.</param>
internal sealed record Spread(double? Mean, double? Std, double? Min, double? Max, IReadOnlyList<double?> Quantiles)
{
    /// <summary>The quantiles and their names.</summary>
    public static readonly IReadOnlyList<(string Name, string At)> At = [("p05", "0.05"), ("p25", "0.25"), ("p50", "0.5"), ("p75", "0.75"), ("p95", "0.95")];

    /// <summary>How many columns <see cref="Columns"/> gives.</summary>
    public const int Width = 5;

    /// <summary>The aggregates of an expression.</summary>
    public static string Columns(string value) =>
        // The engine refuses a deviation that overflows: values whose square does are left out of it.
        $"avg({value}), stddev_samp({value}) FILTER (abs({value}) < 1e150), min({value}), max({value}), quantile_cont({value}, [{string.Join(", ", At.Select(at => at.At))}])";

    /// <summary>Reads those columns.</summary>
    public static Spread Read(DuckDBDataReader row, int first)
    {
        var quantiles = row.IsDBNull(first + 4) ? new double?[At.Count] : [.. row.GetFieldValue<List<double>>(first + 4).Select(value => (double?)value)];
        return new Spread(Number(0), Number(1), Number(2), Number(3), quantiles);

        double? Number(int column) => row.IsDBNull(first + column) ? null : row.GetDouble(first + column);
    }
}
