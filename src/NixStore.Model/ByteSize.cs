using System.Globalization;

namespace NixStore;

/// <summary>Shows numbers of bytes to people; the objects themselves keep the number, so that it sorts and adds up.</summary>
public static class ByteSize
{
    private static readonly string[] s_units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>Three digits or so and a unit, such as <c>12.3 MiB</c>; empty for null.</summary>
    public static string Format(long? bytes)
    {
        if (bytes is null)
        {
            return "";
        }

        var value = (double)bytes.Value;
        var unit = 0;
        while (Math.Abs(value) >= 1024 && unit < s_units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return value.ToString(unit == 0 || Math.Abs(value) >= 100 ? "F0" : "F1", CultureInfo.InvariantCulture) + " " + s_units[unit];
    }
}
