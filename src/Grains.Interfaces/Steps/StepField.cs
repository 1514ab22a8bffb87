namespace Rollbook.Steps;

/// <summary>The fields of a step in the order of the contract's table, which is the order in a canonical line.</summary>
internal enum StepField
{
    StepNumber,
    Timestamp,
    ActionType,
    ActionPath,
    ActionQuery,
    ActionContentLength,
    ActionContent,
    Observation,
    Reward,
    CumulativeReward,
    Done,
    Error,
    FileDiff,
    TestPassRate,
    DurationMs,
    SecurityFlags,
    Thought,
    Response,
    AgentId,
    Extra,
}
