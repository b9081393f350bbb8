using System.Globalization;
using System.Text;
using NixStore.Engine.Native;
using NixStore.Engine.Roots;

namespace NixStore.Engine.Upkeep;

/// <summary>Something that a system is configured to mount.</summary>
/// <param name="Point">Where, as that system calls it.</param>
/// <param name="Source">What, where the table says so.</param>
/// <param name="Origin">The file that says it.</param>
/// <param name="IsAutomatic">False when it is mounted only by hand (noauto).</param>
internal sealed record WantedMount(string Point, string? Source, string Origin, bool IsAutomatic)
{
    private static readonly string[] s_unitDirectories = ["/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];

    /// <summary>What fstab(5) of a system says.</summary>
    /// <exception cref="StoreIOException"/>
    internal static IReadOnlyList<WantedMount> ReadTable(LinkTree tree)
    {
        using var table = tree.TryOpen("/etc/fstab"u8, OpenFlags.ReadOnly | OpenFlags.NoAccessTime | OpenFlags.NonBlocking, out _);
        return [.. FileSystemTable.Lines(table).Where(fields => fields is [not ['#', ..], ['/', _, ..], ..])
            .Select(fields => new WantedMount(fields[1].TrimEnd('/'), fields[0], "/etc/fstab", !(fields is [_, _, _, var options, ..] && options.Split(',').Contains("noauto"))))];
    }

    /// <summary>The mount units of systemd for some places, made by hand or by an installer.</summary>
    internal static IEnumerable<WantedMount> FindUnits(LinkTree tree, IEnumerable<string> points)
    {
        foreach (var point in points)
        {
            foreach (var path in s_unitDirectories.Select(directory => $"{directory}/{UnitOf(point)}"))
            {
                // One that is masked is a link to /dev/null.
                using var unit = tree.TryOpen(Encoding.UTF8.GetBytes(path), OpenFlags.PathOnly, out _);
                if (unit is not null && Posix.Status(unit).Type == FileType.Regular)
                {
                    yield return new WantedMount(point, null, path, true);
                    break;
                }
            }
        }
    }

    /// <summary>The name of the unit of a place (systemd.unit(5), escaping).</summary>
    internal static string UnitOf(string point)
    {
        var name = new StringBuilder();
        foreach (var letter in Encoding.UTF8.GetBytes(point.Trim('/')))
        {
            name.Append((char)letter switch
            {
                '/' => "-",
                '.' when name.Length == 0 => "\\x2e",
                var plain when char.IsAsciiLetterOrDigit(plain) || plain is ':' or '_' or '.' => plain.ToString(),
                _ => string.Create(CultureInfo.InvariantCulture, $"\\x{letter:x2}"),
            });
        }

        return $"{name}.mount";
    }
}
