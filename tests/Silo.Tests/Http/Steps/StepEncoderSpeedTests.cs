using System.Text;
using Rollbook.Episodes;
using Rollbook.Silo.Http;
using Rollbook.Testing;

namespace Rollbook.Silo.Tests.Http.Steps;

/// <summary>What a step costs at the edge. The time is a figure only; the allocations are held.</summary>
[Collection(nameof(AloneCollection))]
public sealed class StepEncoderSpeedTests
{
    private const int BatchSteps = 64;
    private const int Batches = 500;

    [Fact]
    public void Encode_ThousandsOfSteps_AllocatesOnlyTheOutput()
    {
        var step = TypicalStep();
        var body = Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Repeat(step, BatchSteps)));
        var best = double.MaxValue;
        for (var round = 0; round < 8; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var cpu = Environment.CpuUsage.TotalTime;
            var bytes = 0L;
            for (var i = 0; i < Batches; i++) bytes += StepBatch.Encode(body, ndjson: true, 0).Bytes.Length;
            // What else runs on the machine only adds: the best round tells most.
            best = Math.Min(best, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.InRange(allocated, bytes, Batches * (body.Length + ((BatchSteps + 1L) * StepEntry.HeaderSize) + 4_096));
        }

        Figures.Report("edge", $"{BatchSteps * Batches / best:N0} steps encoded per second of processor time ({step.Length} B a step, batches of {BatchSteps})");
    }

    /// <summary>About 1.2 KB, written as Python's json module writes it.</summary>
    private static string TypicalStep()
    {
        var files = string.Join(", ", Enumerable.Range(0, 12).Select(i => $"\"src/module_{i}.py\""));
        var step = $$"""
            {"step_number": 12, "timestamp": 1763890000.125, "action_type": "write_file", "action_path": "src/module_3.py", "action_query": null, "action_content_length": 412, "observation_snapshot": {"files": [{{files}}], "last_output": "{{new string('x', 200)}}\n2 passed", "steps_left": 31, "pass_rate": 0.75}, "reward": 0.125, "cumulative_reward": 0.875, "done": false, "error": null, "file_diff": {"path": "src/module_3.py", "before": "{{new string('b', 120)}}", "after": "{{new string('a', 140)}}", "chars_changed": 20}, "test_pass_rate": 0.75, "duration_ms": 14.25, "security_flags": []}
            """;
        Assert.InRange(step.Length, 1_000, 1_300);
        return step;
    }
}
