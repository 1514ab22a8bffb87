namespace Rollbook.Steps;

/// <summary>Where the parts of one step stand in the text it came in, and what the entry's head takes from them. Kept between steps.</summary>
internal sealed class StepParts
{
    private Member[] unknown = new Member[4];
    private Numbers head;

    /// <summary>The fields' values, by <see cref="StepField"/>.</summary>
    public Slice[] Values { get; } = new Slice[StepFieldNames.Count];

    /// <summary>How many fields there are that are not the contract's.</summary>
    public int UnknownCount { get; private set; }

    /// <summary>Those fields, in their order.</summary>
    public ReadOnlySpan<Member> Unknown => unknown.AsSpan(0, UnknownCount);

    /// <summary>What of the step is kept in the entry's head.</summary>
    public ref Numbers Head => ref head;

    /// <summary>Begins a step.</summary>
    public void Reset()
    {
        Array.Clear(Values);
        UnknownCount = 0;
        head = new Numbers { StepNumber = StepEntry.NoStepNumber, PassRate = double.NaN };
    }

    /// <summary>Adds a field that is not the contract's.</summary>
    public void Add(Member member)
    {
        if (UnknownCount == unknown.Length) Array.Resize(ref unknown, unknown.Length * 2);
        unknown[UnknownCount++] = member;
    }

    /// <summary>A piece of the text. Marked: a value with white space inside, a name with escapes.</summary>
    /// <param name="Start">Its first byte. Of a value that was not given it is 0, where a brace stands and never a value.</param>
    /// <param name="Length">Its bytes. 0 of a value that was given as null: there is nothing to write.</param>
    /// <param name="Marked">See the summary.</param>
    public readonly record struct Slice(int Start, int Length, bool Marked);

    /// <summary>A name with its quotes, and its value.</summary>
    public readonly record struct Member(Slice Name, Slice Value);

    /// <summary>Of the entry's head what the fields tell.</summary>
    public struct Numbers
    {
        /// <summary>What is known of the step without reading its line.</summary>
        public StepFlags Flags;

        /// <summary>The caller's number.</summary>
        public long StepNumber;

        /// <summary>The reward.</summary>
        public double Reward;

        /// <summary>The cumulative reward.</summary>
        public double CumulativeReward;

        /// <summary>The pass rate; NaN where none.</summary>
        public double PassRate;
    }
}
