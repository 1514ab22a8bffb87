using Rollbook.Silo.Http;

namespace Rollbook.Silo.Hosting;

/// <summary>The administrator's key that the first start makes where keys are asked for, so that there is no default password; and another one, should it be lost.</summary>
internal sealed class AdminKey(RollbookOptions options, AccessGate gate, KeyDesk desk)
{
    private string? key;

    /// <summary>Makes the key if there is reason to.</summary>
    public async Task MakeAsync()
    {
        if (!gate.IsOpen) key = await desk.CreateAdminAsync(onlyFirst: !options.NewAdminKey);
    }

    /// <summary>The key that was made, once; null = none was.</summary>
    public string? Take() => Interlocked.Exchange(ref key, null);
}
