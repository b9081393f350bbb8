using System.Runtime.InteropServices;

namespace NixStore.PowerShell.Init;

/// <summary>Where a native library may be in a <c>runtimes/&lt;rid&gt;/native</c> tree.</summary>
internal static class NativeLibraryCandidates
{
    /// <summary>The existing files, best first; one for another C library is among them and simply fails to load.</summary>
    public static IEnumerable<string> Of(string directory, string name)
        => RuntimeIdentifiers().Distinct()
            .SelectMany(_ => FileNames(name), (rid, file) => Path.Combine(directory, "runtimes", rid, "native", file))
            .Where(File.Exists);

    private static IEnumerable<string> RuntimeIdentifiers()
    {
        var architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        yield return RuntimeInformation.RuntimeIdentifier;
        if (OperatingSystem.IsMacOS())
        {
            yield return "osx-" + architecture;
        }
        else
        {
            yield return "linux-" + architecture;
            yield return "linux-musl-" + architecture;
        }
    }

    private static IEnumerable<string> FileNames(string name)
    {
        var extension = OperatingSystem.IsMacOS() ? ".dylib" : ".so";
        yield return name;
        yield return name + extension;
        yield return "lib" + name + extension;
    }
}
