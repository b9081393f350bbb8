using System.Globalization;

namespace NixStore.Engine.Tests.Laboratory;

/// <summary>What files take on disk.</summary>
public static class DiskUse
{
    /// <summary>Bytes of everything in a directory, each inode once, the directory itself left out.</summary>
    public static long Below(string directory)
        => Command.Run("find", directory, "-mindepth", "1", "-printf", "%i %b\n").Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct()
            .Sum(line => long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture)) * 512;
}
