using System.Globalization;
using System.Text;

namespace NixStore.Engine.Overlay.Configuration;

/// <summary>Names of mount units, which systemd finds by their mount points (systemd.unit(5) "String Escaping for Inclusion in Unit Names").</summary>
internal static class SystemdUnitName
{
    // UNIT_NAME_MAX is 256 with the NUL.
    private const int Longest = 255;

    /// <summary>As <c>systemd-escape --path --suffix=mount</c> has it.</summary>
    /// <exception cref="NixStoreException">OverlayNotExpressible: it would be too long.</exception>
    internal static string OfMount(string path)
    {
        var text = new StringBuilder();
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".");
        foreach (var octet in Encoding.UTF8.GetBytes(string.Join('/', parts)))
        {
            var character = (char)octet;
            if (character == '/')
            {
                text.Append('-');
            }
            else if (char.IsAsciiLetterOrDigit(character) || character is ':' or '_' || (character == '.' && text.Length > 0))
            {
                text.Append(character);
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"\\x{octet:x2}");
            }
        }

        var name = (text.Length == 0 ? "-" : text.ToString()) + ".mount";
        return name.Length <= Longest ? name : throw Inexpressible.Because(
            $"The mount unit of '{path}' would have a name of {name.Length} bytes, and systemd allows {Longest}.", path,
            "Make the store below a shorter directory, or use fstab's line with mount(8).");
    }
}
