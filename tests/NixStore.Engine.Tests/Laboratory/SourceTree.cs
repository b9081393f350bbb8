namespace NixStore.Engine.Tests.Laboratory;

/// <summary>The repository that these tests were built from.</summary>
public static class SourceTree
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>The scripts that make stores with real Nix and damage them.</summary>
    public static string Interop => $"{Root}/tests/interop";

    private static string Find(string directory) => File.Exists($"{directory}/NixStore.PowerShell.sln")
        ? directory : Find(Path.GetDirectoryName(directory) ?? throw new DirectoryNotFoundException("The tests run outside of their repository."));
}
