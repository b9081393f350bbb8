using System.Globalization;
using System.Text;

namespace NixStore.Engine.Liveness;

/// <summary>This process and those it descends from: the shell, sudo, the terminal. Whoever asks why a path is alive may be the reason.</summary>
/// <param name="pids">Their ids, this process first.</param>
/// <param name="processes">Where the kernel shows processes.</param>
public sealed class OwnProcesses(IReadOnlyList<int> pids, string processes = "/proc")
{
    private const int MaximumDepth = 1000;

    /// <summary>Their ids, this process first.</summary>
    public IReadOnlyList<int> Pids { get; } = pids;

    /// <summary>Follows the parents up from this process, as far as the kernel shows them.</summary>
    public static OwnProcesses Find(string processes = "/proc")
    {
        var pids = new List<int>();
        for (var pid = Environment.ProcessId; pid > 0 && pids.Count < MaximumDepth && !pids.Contains(pid); pid = ParentOf(pid, processes))
        {
            pids.Add(pid);
        }

        return new OwnProcesses(pids, processes);
    }

    /// <summary>Names of the environment variables of a process that have <paramref name="text"/> in their values; none when it may not be read.</summary>
    public IReadOnlyList<string> VariablesWith(int pid, string text)
    {
        if (Read($"{processes}/{pid}/environ") is not { } environment)
        {
            return [];
        }

        return [.. Encoding.Latin1.GetString(environment).Split('\0')
            .Select(variable => variable.Split('=', 2))
            .Where(parts => parts.Length == 2 && parts[1].Contains(text, StringComparison.Ordinal))
            .Select(parts => parts[0]).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>The fourth field of stat; the second, the name in parentheses, may have anything in it.</summary>
    private static int ParentOf(int pid, string processes)
    {
        if (Read($"{processes}/{pid}/stat") is not { } status)
        {
            return 0;
        }

        var text = Encoding.Latin1.GetString(status);
        var fields = text[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 1 && int.TryParse(fields[1], CultureInfo.InvariantCulture, out var parent) ? parent : 0;
    }

    private static byte[]? Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
