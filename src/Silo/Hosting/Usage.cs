using System.Text;

namespace Rollbook.Silo.Hosting;

/// <summary>What <c>--help</c> prints.</summary>
internal static class Usage
{
    /// <summary>The usage text.</summary>
    public static string Text()
    {
        var text = new StringBuilder("Rollbook, the flight recorder of reinforcement-learning rollouts.\n\nUsage: Rollbook.Silo [options]\n\n");
        foreach (var setting in Settings.All)
            text.Append($"  {(setting.IsFlag ? setting.Argument : $"{setting.Argument} {setting.Value}"),-26} {setting.Help}\n");
        text.Append($"  {"--help",-26} print this\n\n");
        text.Append("Each option can also be set in the environment (--silo-port is ROLLBOOK_SILO_PORT) or in appsettings.json (Rollbook:SiloPort).\n");
        return text.ToString();
    }
}
