namespace NixStore.Catalog.Tests.Support;

/// <summary>Compares catalogs.</summary>
internal static class Folders
{
    /// <summary>All files of a folder with their contents, but the lock.</summary>
    internal static Dictionary<string, string> Read(string folder)
        => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(path => !path.EndsWith(".lock", StringComparison.Ordinal))
            .ToDictionary(path => Path.GetRelativePath(folder, path), path => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path))));
}
