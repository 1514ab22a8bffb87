using System.Globalization;
using Rollbook.Model.Tests.Explorer;
using Rollbook.Testing;
using Xunit;

namespace Rollbook.Model.Tests;

/// <summary>What a test asks of a model. The first two report their figure; <c>ROLLBOOK_MODEL_TRACE=1</c> prints each trace, too.</summary>
internal static class Check
{
    /// <summary>Every state that the model can reach keeps every promise.</summary>
    /// <param name="model">The model.</param>
    /// <param name="bounds">What the figure names it by, besides its class.</param>
    public static void Exhausts<TState>(IModel<TState> model, object bounds)
        where TState : unmanaged
    {
        var before = Environment.CpuUsage.UserTime;
        var found = Explore.All(model);
        Assert.True(found.Violation is null, Told(model, found));
        Figures.Report("T34", string.Create(
            CultureInfo.InvariantCulture,
            $"{model.GetType().Name}, {bounds}: {found.States:N0} states, {found.Depth} moves deep, exhausted in {(Environment.CpuUsage.UserTime - before).TotalSeconds:F1} s of processor time: no promise broken"));
    }

    /// <summary>Without the rule, the model reaches a state that breaks this promise.</summary>
    public static void Breaks<TState>(IModel<TState> model, string rule, string promise)
        where TState : unmanaged
    {
        var found = Explore.All(model);
        if (Environment.GetEnvironmentVariable("ROLLBOOK_MODEL_TRACE") == "1") Console.WriteLine($"Without {rule}: {Told(model, found)}");
        Assert.True(found.Violation is not null, $"{model.GetType().Name} keeps every promise without {rule}: the rule is not needed, or the model does not see why it is.");
        Assert.True(found.Violation == promise, Told(model, found));
        Figures.Report("T34", $"{model.GetType().Name} without {rule}: {found.Violation}, in {found.Trace.Count} moves");
    }

    /// <summary>The model reaches such a state.</summary>
    public static void Reaches<TState>(IModel<TState> model, Func<TState, bool> isThere)
        where TState : unmanaged
    {
        var found = Explore.All(new GoalModel<TState>(model, isThere));
        Assert.True(found.Violation is not null, $"{model.GetType().Name} never gets there: {found.States} states.");
    }

    private static string Told<TState>(IModel<TState> model, Exploration found)
        where TState : unmanaged =>
        string.Join("\n  ", found.Trace.Prepend($"{model.GetType().Name}: {found.Violation ?? "no promise broken"}, {found.States} states"));
}
