using System.Globalization;
using System.Text;

namespace NixStore.Engine.Generations;

/// <summary>The users that a machine's /etc/passwd names. Those of a directory service have no home here, and are called by their number.</summary>
internal sealed class UserAccounts
{
    private readonly Dictionary<uint, string> _names = [];
    private readonly List<string> _homes = [];

    /// <summary>Reads the file; a machine without one has no users.</summary>
    internal UserAccounts(MachineRoot machine)
    {
        var text = machine.TryReadFile($"{machine.Prefix}/etc/passwd") is { } bytes ? Encoding.UTF8.GetString(bytes) : "";
        foreach (var fields in text.Split('\n').Select(line => line.Split(':')).Where(fields => fields.Length >= 7))
        {
            if (uint.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                _names.TryAdd(id, fields[0]);
                _homes.Add(fields[5].TrimEnd('/'));
            }
        }
    }

    /// <summary>Home directories, as the machine calls them, each once.</summary>
    internal IEnumerable<string> Homes => _homes.Where(home => home.StartsWith('/')).Distinct(StringComparer.Ordinal);

    /// <summary>A user's name, or the number.</summary>
    internal string NameOf(uint id) => _names.GetValueOrDefault(id) ?? id.ToString(CultureInfo.InvariantCulture);
}
