using System.Globalization;

namespace NixStore.Engine.Roots;

/// <summary>
/// Names of user ids, from /etc/passwd. Not by getpwuid(3): that may ask a directory server for each id, and wait for it.
/// </summary>
internal sealed class UserNames
{
    private readonly Lazy<Dictionary<uint, string>> _names = new(Read);

    /// <summary>The name, or the number where there is none.</summary>
    internal string NameOf(uint user) => _names.Value.TryGetValue(user, out var name) ? name : user.ToString(CultureInfo.InvariantCulture);

    private static Dictionary<uint, string> Read()
    {
        var names = new Dictionary<uint, string>();
        try
        {
            foreach (var line in File.ReadLines("/etc/passwd"))
            {
                if (line.Split(':') is [var name, _, var id, ..] && uint.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var user))
                {
                    names.TryAdd(user, name);
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Numbers say it, too.
        }

        return names;
    }
}
