using System.Management.Automation;
using System.Runtime.Loader;

namespace NixStore.PowerShell.Init;

/// <summary>Keeps two versions of the module out of one process.</summary>
internal static class LoadedVersion
{
    /// <summary>Refuses the import when the types of another version are loaded already: .NET cannot replace them.</summary>
    /// <exception cref="RuntimeException">NixStoreVersionLoaded</exception>
    public static void ThrowIfOther()
    {
        var own = typeof(LoadedVersion).Assembly.GetName().Version;
        var loaded = AssemblyLoadContext.Default.Assemblies.Select(assembly => assembly.GetName())
            .FirstOrDefault(name => name.Name == "NixStore.PowerShell")?.Version;
        if (loaded is null || loaded == own)
        {
            return;
        }

        var message = $"Version {loaded.ToString(3)} of the NixStore module is loaded in this process, so version {own?.ToString(3)} cannot be.";
        var error = new ErrorRecord(new InvalidOperationException(message), "NixStoreVersionLoaded", ErrorCategory.ResourceExists, "NixStore")
        {
            ErrorDetails = new ErrorDetails(message) { RecommendedAction = "Start a new session." },
        };
        throw new RuntimeException(message + " Start a new session.", error.Exception, error);
    }
}
