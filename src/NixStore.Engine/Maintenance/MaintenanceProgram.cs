namespace NixStore.Engine.Maintenance;

/// <summary>The program that does a task: <c>nixstore</c>, or PowerShell with the module.</summary>
/// <param name="Executable">Its absolute path.</param>
/// <param name="Module">The module's manifest for PowerShell; null for <c>nixstore</c>.</param>
public sealed record MaintenanceProgram(string Executable, string? Module)
{
    private const string Rescue = "nixstore";
    private const string PowerShell = "pwsh";

    /// <summary>
    /// The program that is found: <c>nixstore</c> beside the module or on the PATH, else the PowerShell that runs now or one on the PATH.
    /// Symbolic links stay as they are: where a program is updated, they are what stays.
    /// </summary>
    /// <param name="moduleDirectory">The module's directory.</param>
    /// <exception cref="NixStoreException">ExecutableNotFound</exception>
    public static MaintenanceProgram Find(string moduleDirectory)
    {
        var beside = Path.Combine(moduleDirectory, Rescue);
        if ((IsExecutable(beside) ? beside : FindOnPath(Rescue)) is { } rescue)
        {
            return new MaintenanceProgram(rescue, null);
        }

        var running = Path.GetFileName(Environment.ProcessPath) == PowerShell ? Environment.ProcessPath : null;
        return (running ?? FindOnPath(PowerShell)) is { } powershell
            ? new MaintenanceProgram(powershell, ManifestIn(moduleDirectory))
            : throw new NixStoreException("ExecutableNotFound", StoreErrorKind.NotFound, $"Neither {Rescue} nor {PowerShell} is on the PATH.", Rescue,
                "Install nixstore, or give its path as -Executable.");
    }

    /// <summary>The program that is named.</summary>
    /// <param name="executable">Its absolute path.</param>
    /// <param name="moduleDirectory">The module's directory.</param>
    public static MaintenanceProgram Named(string executable, string moduleDirectory)
        => new(executable, Path.GetFileName(executable) is PowerShell or "pwsh-preview" ? ManifestIn(moduleDirectory) : null);

    /// <summary>True for a file that may be executed.</summary>
    public static bool IsExecutable(string path)
        => File.Exists(path) && (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;

    private static string ManifestIn(string moduleDirectory) => Path.Combine(moduleDirectory, "NixStore.psd1");

    private static string? FindOnPath(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Where(directory => directory.StartsWith('/')).Select(directory => $"{directory.TrimEnd('/')}/{name}").FirstOrDefault(IsExecutable);
}
