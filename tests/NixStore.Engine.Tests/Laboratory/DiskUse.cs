using System.Globalization;

namespace NixStore.Engine.Tests.Laboratory;

/// <summary>What files take on disk.</summary>
public static class DiskUse
{
    /// <summary>Bytes of everything in a directory, each inode once, the directory itself left out.</summary>
    public static long Below(string directory) => Sum(directory, "-mindepth", "1");

    /// <summary>Bytes of a file or directory and everything in it, each inode once.</summary>
    public static long Of(string path) => Sum(path);

    private static long Sum(string path, params string[] options)
        => Command.Run("find", [path, .. options, "-printf", "%i %b\n"]).Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct()
            .Sum(line => long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture)) * 512;
}
