using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace NixStore.PowerShell.Init;

/// <summary>
/// Holds everything in the module's <c>lib/</c>: NixStore's own libraries and all packages, in the versions this module was built with,
/// whatever versions PowerShell or other modules have loaded.
/// </summary>
/// <remarks>
/// The cmdlets and NixStore.Model are in the default context, so that <c>[NixStore.StorePathInfo]</c> can be written in a script. What is not in
/// <c>lib/</c> (the framework, System.Management.Automation, NixStore.Model) comes from there and is shared.
/// </remarks>
internal sealed class LibraryLoadContext : AssemblyLoadContext
{
    private static readonly Lazy<LibraryLoadContext> s_instance = new(Create);

    private readonly string _directory;
    private readonly AssemblyDependencyResolver _resolver;

    private LibraryLoadContext(string directory, string rootAssembly)
        : base("NixStore")
    {
        _directory = directory;
        _resolver = new AssemblyDependencyResolver(rootAssembly);
    }

    /// <summary>Makes the context when it isn't there yet.</summary>
    public static void Ensure() => _ = s_instance.Value;

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
        => _resolver.ResolveAssemblyToPath(assemblyName) is { } path ? LoadFromAssemblyPath(path) : null;

    /// <inheritdoc/>
    protected override nint LoadUnmanagedDll(string unmanagedDllName)
    {
        if (_resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path)
        {
            return LoadUnmanagedDllFromPath(path);
        }

        // The resolver knows only what deps.json lists for a RID it recognises. Runtimes that distributions build themselves (NixOS among them)
        // have RIDs of their own, for which it has no answer.
        foreach (var candidate in NativeLibraryCandidates.Of(_directory, unmanagedDllName))
        {
            if (NativeLibrary.TryLoad(candidate, out var handle))
            {
                return handle;
            }
        }

        return 0;
    }

    private static LibraryLoadContext Create()
    {
        var moduleBase = Path.GetDirectoryName(typeof(LibraryLoadContext).Assembly.Location)!;
        var directory = Path.Combine(moduleBase, "lib");

        // One library stands on all others; only it has a deps.json.
        var manifest = Directory.GetFiles(directory, "*.deps.json").Single();
        var context = new LibraryLoadContext(directory, manifest.Replace(".deps.json", ".dll", StringComparison.Ordinal));
        Default.Resolving += context.ResolveForDefault;

        // Both contexts take the Model from the default one, where nothing would look for it in the module's folder; and its type names
        // are for scripts from the first line on.
        Default.LoadFromAssemblyPath(Path.Combine(moduleBase, "NixStore.Model.dll"));
        return context;
    }

    /// <summary>The cmdlets ask for NixStore's own libraries and get them from here; nobody else's question is answered.</summary>
    private Assembly? ResolveForDefault(AssemblyLoadContext context, AssemblyName assemblyName)
        => assemblyName.Name is { } name && name.StartsWith("NixStore.", StringComparison.Ordinal)
            && File.Exists(Path.Combine(_directory, name + ".dll"))
            ? LoadFromAssemblyName(assemblyName)
            : null;
}
