namespace NixStore.Rescue.Output;

/// <summary>Says why a path is alive or dead.</summary>
internal static class TraceText
{
    /// <summary>
    /// For example <c>by /nix/var/nix/profiles/default-1-link: /nix/store/…-env -> /nix/store/…-hello; without it 3 paths, 1.2 MiB would be dead</c>.
    /// </summary>
    public static string Describe(StoreTrace trace)
    {
        var parts = new List<string>();
        if (trace.Alive && trace.Root is { } root)
        {
            parts.Add($"by {DescribeRoot(root)}: {Chain(trace)}");
            if (trace.ReclaimableCount is { } count)
            {
                parts.Add($"without it {count} {(count == 1 ? "path" : "paths")}, {ByteSize.Format(trace.ReclaimableSize)} would be dead");
            }
        }

        if (trace.Note is { } note)
        {
            parts.Add(note);
        }

        return string.Join("; ", parts);
    }

    /// <summary>A root by its link and, of a process, its name.</summary>
    public static string DescribeRoot(StoreRoot root) => root.ProcessName is { } process ? $"{root.Link} ({process})" : root.Link;

    /// <summary>How a path keeps the next.</summary>
    public static string Arrow(StoreTraceEdge edge) => edge switch
    {
        StoreTraceEdge.Deriver => "was built from",
        StoreTraceEdge.Output => "builds",
        _ => "->",
    };

    private static string Chain(StoreTrace trace)
        => string.Join(' ', trace.Chain.SelectMany((path, step) => step == 0 ? [path] : new[] { Arrow(trace.Edges[step - 1]), path }));
}
