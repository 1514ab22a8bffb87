using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Rollbook.Access;
using Rollbook.Silo.Http;
using Rollbook.Testing;

namespace Rollbook.Silo.Tests.Http.Access;

/// <summary>What the check costs each request.</summary>
[Collection(nameof(AloneCollection))]
public sealed class AccessGateTests
{
    [Fact]
    public async Task Admit_KnownKey_AllocatesNothing()
    {
        await using var server = await LockedServer.StartAsync();
        var gate = server.Server.Services.GetRequiredService<AccessGate>();
        var limits = server.Server.Services.GetRequiredService<CallerLimits>();
        var context = new DefaultHttpContext();
        context.Request.Headers.Authorization = $"Bearer {await server.KeyAsync("ingest")}";
        Assert.NotNull((await gate.AdmitAsync(context)).Caller);
        var (bytes, time) = Measure(() =>
        {
            var admission = gate.AdmitAsync(context).GetAwaiter().GetResult();
            if (limits.Of(admission.Caller!).Take(100) is not null) throw new InvalidOperationException("The default limits are over a thousand requests.");
        });
        Assert.Equal(0, bytes);
        Figures.Report("access", $"a request's key and limits are checked in {time.TotalNanoseconds / 1000:0} ns, without an allocation");
    }

    [Fact]
    public async Task CallerOf_KnownTokenAndKey_OverTheGateway_AllocateNothing()
    {
        await using var issuer = await TokenIssuer.StartAsync();
        await using var server = await LockedServer.StartAsync(configure: builder => builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Rollbook:Access:Jwt:Issuer"] = issuer.Address,
            ["Rollbook:Access:Jwt:Audience"] = "a",
        }));
        var tokens = server.Server.Services.GetRequiredService<TokenCheck>();
        var keys = server.Server.Services.GetRequiredService<KeyCopy>();
        // As long as Entra ID's are.
        var token = issuer.Token("a", new Dictionary<string, object> { ["sub"] = new string('s', 1000), ["scp"] = "rollbook.ingest", ["rollbook_project"] = "blue" });
        var key = (await server.KeyAsync("ingest")).AsMemory();
        Assert.Equal("blue", (await tokens(token.AsMemory())).Project);
        Assert.NotNull(await keys.FindAsync(key));
        var (tokenBytes, tokenTime) = Measure(() => _ = tokens(token.AsMemory()).GetAwaiter().GetResult());
        var (keyBytes, keyTime) = Measure(() => _ = keys.FindAsync(key).GetAwaiter().GetResult());
        Assert.Equal((0, 0), (tokenBytes, keyBytes));
        Figures.Report("access", $"of a call over the gateway a token of {token.Length} characters is checked in {tokenTime.TotalNanoseconds / 1000:0} ns, a key in {keyTime.TotalNanoseconds / 1000:0} ns, without an allocation");
    }

    private static (long Bytes, TimeSpan Time) Measure(Action check)
    {
        var (bytes, time) = (long.MaxValue, TimeSpan.MaxValue);
        // The least of many rounds: in one of them the copy of the keys may be read anew.
        for (var round = 0; round < 40; round++)
        {
            var (before, began) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
            for (var i = 0; i < 1000; i++) check();

            bytes = Math.Min(bytes, GC.GetAllocatedBytesForCurrentThread() - before);
            time = TimeSpan.FromTicks(Math.Min(time.Ticks, Stopwatch.GetElapsedTime(began).Ticks));
        }

        return (bytes, time);
    }
}
