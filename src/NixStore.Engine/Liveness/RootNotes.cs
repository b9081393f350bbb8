namespace NixStore.Engine.Liveness;

/// <summary>What a person should know about a root: above all that it is the very shell that the question comes from (NixOS/nix#6141).</summary>
/// <param name="own">This process and those it descends from.</param>
public sealed class RootNotes(OwnProcesses own)
{
    private static readonly HashSet<string> s_shells =
        ["sh", "ash", "bash", "csh", "dash", "elvish", "fish", "ksh", "mksh", "nu", "pwsh", "tcsh", "xonsh", "zsh"];

    /// <summary>A sentence about a root that keeps a path, or null.</summary>
    /// <param name="root">The root.</param>
    /// <param name="path">Full logical path that was asked about.</param>
    public string? Of(StoreRoot root, string path)
    {
        if (root.State == StoreRootState.Unknown)
        {
            return $"What {root.Link} points at cannot be read now: nothing of it is collected here, but Nix's own collector may not take it for a root.";
        }

        if (root.Pid is not { } pid || !own.Pids.Contains(pid) || root.Path is null)
        {
            return null;
        }

        var name = root.ProcessName ?? "?";
        var who = pid == own.Pids[0] ? $"this very process ({name}, pid {pid})"
            : s_shells.Contains(name.TrimStart('-')) ? $"your own shell ({name}, pid {pid})"
            : $"a process that this one descends from ({name}, pid {pid})";
        return $"{who} keeps it: {How(root, pid, root.Path == path ? "it" : root.Path)}";
    }

    private string How(StoreRoot root, int pid, string what) => root.Origin switch
    {
        StoreRootOrigin.Environment => own.VariablesWith(pid, root.Path!) switch
        {
            [] => $"its environment names {what}",
            [var variable] => $"its environment variable {variable} names {what}",
            var variables => $"its environment variables {string.Join(", ", variables)} name {what}",
        },
        StoreRootOrigin.Executable => $"its program is from {what}",
        StoreRootOrigin.WorkingDirectory => $"its working directory is in {what}",
        StoreRootOrigin.OpenFile => $"it has a file of {what} open",
        StoreRootOrigin.MappedFile => $"it has a file of {what} mapped",
        _ => $"it holds {what} as a root",
    };
}
