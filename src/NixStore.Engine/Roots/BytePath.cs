namespace NixStore.Engine.Roots;

/// <summary>Absolute paths as bytes without NUL, canonical by their text alone, as Nix makes them (Nix libutil/file-system.cc:canonPath).</summary>
internal static class BytePath
{
    /// <summary>A path made absolute; <c>.</c>, <c>..</c> and double slashes are taken out without a look at any symbolic link.</summary>
    /// <param name="path">Absolute, or relative to the directory.</param>
    /// <param name="directory">An absolute path.</param>
    internal static byte[] Absolute(ReadOnlySpan<byte> path, ReadOnlySpan<byte> directory)
    {
        var result = new List<byte>(path.Length + directory.Length + 1);
        if (!path.StartsWith((byte)'/'))
        {
            Append(result, directory);
        }

        Append(result, path);
        return result.Count == 0 ? "/"u8.ToArray() : [.. result];
    }

    /// <summary>A name in a directory.</summary>
    internal static byte[] Join(ReadOnlySpan<byte> directory, ReadOnlySpan<byte> name) => [.. directory, (byte)'/', .. name];

    /// <summary>The directory that a canonical path is in.</summary>
    internal static ReadOnlySpan<byte> ParentOf(ReadOnlySpan<byte> path) => path.LastIndexOf((byte)'/') is var slash and > 0 ? path[..slash] : "/"u8;

    /// <summary>The last component of a canonical path.</summary>
    internal static ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> path) => path[(path.LastIndexOf((byte)'/') + 1)..];

    /// <summary>True when a canonical path is below a directory.</summary>
    internal static bool IsBelow(ReadOnlySpan<byte> path, ReadOnlySpan<byte> directory)
        => path.Length > directory.Length + 1 && path[directory.Length] == '/' && path.StartsWith(directory);

    private static void Append(List<byte> result, ReadOnlySpan<byte> path)
    {
        foreach (var range in path.Split((byte)'/'))
        {
            switch (path[range])
            {
                case [] or [(byte)'.']:
                    break;
                case [(byte)'.', (byte)'.']:
                    var slash = result.LastIndexOf((byte)'/');
                    result.RemoveRange(Math.Max(slash, 0), result.Count - Math.Max(slash, 0));
                    break;
                case var part:
                    result.Add((byte)'/');
                    result.AddRange(part);
                    break;
            }
        }
    }
}
