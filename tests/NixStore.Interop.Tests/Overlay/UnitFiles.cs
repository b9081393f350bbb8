namespace NixStore.Interop.Tests.Overlay;

/// <summary>Mount units, as systemd takes them.</summary>
internal static class UnitFiles
{
    /// <summary>Saves a unit where its first line says, below a directory, and lets systemd look at it: name, syntax, settings.</summary>
    internal static void Verify(string unit, string directory)
    {
        Skip.IfNot(Command.Exists("systemd-analyze"), "SYSTEMD MISSING: systemd-analyze verifies units");
        Directory.CreateDirectory(directory);
        var name = Path.GetFileName(unit.Split('\n')[0]);
        var where = SettingOf(unit, "Where");
        Assert.Equal(Command.Run("systemd-escape", "--path", "--suffix=mount", where), name);
        var path = $"{directory}/{name}";
        File.WriteAllText(path, unit + "\n");

        var verdict = Command.Try(new Dictionary<string, string>(), "systemd-analyze", "verify", "--man=no", path);
        Assert.Equal((0, "", ""), (verdict.ExitCode, verdict.Output, verdict.Error));
    }

    /// <summary>The command that systemd runs for a mount unit, as a word of a shell.</summary>
    internal static string MountOf(string unit) => string.Join(' ', ((string[])["mount", SettingOf(unit, "What"), SettingOf(unit, "Where"),
        "-t", SettingOf(unit, "Type"), "-o", SettingOf(unit, "Options")]).Select(word => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'"));

    private static string SettingOf(string unit, string key) => SystemdLine.Setting(unit, key).Replace("%%", "%", StringComparison.Ordinal);
}
