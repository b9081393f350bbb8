using System.Security.Cryptography;

namespace NixStore.Catalog.Tests.Support;

/// <summary>What is in a folder, byte for byte.</summary>
internal static class FolderContents
{
    public static List<(string Name, string Digest)> Of(string folder)
        => [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(file => (Path.GetRelativePath(folder, file), Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))))];
}
