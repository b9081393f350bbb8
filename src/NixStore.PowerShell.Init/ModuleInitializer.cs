using System.Management.Automation;

namespace NixStore.PowerShell.Init;

/// <summary>
/// What PowerShell calls first when it imports the module, before it looks at the cmdlets, whose types need the libraries in <c>lib/</c>.
/// </summary>
/// <remarks>
/// There is no counterpart for Remove-Module: other runspaces may still use the module, assemblies cannot be unloaded from under their types,
/// and a library that is needed for the first time after an <c>Import-Module -Force</c> must still be found.
/// </remarks>
public sealed class ModuleInitializer : IModuleAssemblyInitializer
{
    /// <summary>Readies the load context, once a process.</summary>
    public void OnImport()
    {
        LoadedVersion.ThrowIfOther();
        LibraryLoadContext.Ensure();
    }
}
